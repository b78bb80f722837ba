//! Twins: two stacks of one root with the same name would share a state.

use std::fs;
use std::path::{Path, PathBuf};

use crate::place::{Place, is_root};

/// How many files and folders are looked at. A repository that has more is searched so far: no
/// command may take seconds for it.
const MOST: usize = 200_000;

/// Folders that hold what others wrote or made, in any number.
const SKIPPED: [&str; 4] = [".git", ".rbacform", "target", "node_modules"];

/// Another directory of this root that holds a stack of the same name.
pub(crate) fn of(place: &Place, name: &str) -> Option<PathBuf> {
    let mut left = MOST;
    // Near folders first: a stack is more likely there than in the depths.
    let mut queue = std::collections::VecDeque::from([place.root.clone()]);
    while let Some(folder) = queue.pop_front() {
        let entries = Entries::of(&folder, &mut left);
        let other = entries.toml && folder != place.dir;
        if other && rbacform_stack::stack_name(&folder).as_deref() == Some(name) {
            return Some(folder);
        }
        queue.extend(entries.folders.into_iter().filter(|inner| !is_root(inner)));
    }
    None
}

/// What lies directly in a folder, as far as it matters here.
#[derive(Default)]
struct Entries {
    toml: bool,
    folders: Vec<PathBuf>,
}

impl Entries {
    fn of(folder: &Path, left: &mut usize) -> Self {
        let mut entries = Self::default();
        let Ok(found) = fs::read_dir(folder) else {
            return entries;
        };
        for entry in found.filter_map(Result::ok).take(*left) {
            *left -= 1;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            entries.toml |= name.ends_with(".toml");
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder && !SKIPPED.contains(&&*name) {
                entries.folders.push(entry.path());
            }
        }
        entries.folders.sort_unstable();
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn a_twin_is_found_wherever_it_is_but_not_in_another_root() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        write(&root, "rbacform.toml", "");
        let stack = "[stack]\nname = \"x\"\n";
        write(&root, "stacks/x/stack.toml", stack);
        for not in [
            "other/rbacform.toml",
            "clone/.git/config",
            "target/x.toml",
            "node_modules/x/package.toml",
        ] {
            write(&root, not, stack);
        }
        write(&root, "other/x/stack.toml", stack);
        write(&root, "clone/deep/x/stack.toml", stack);
        let place = Place::of(&root.join("stacks/x")).unwrap();
        assert_eq!(of(&place, "x"), None);
        for twin in ["a/b/c/d/e/f/g", "bin/x", "vendor/x", ".hidden/x"] {
            write(&root, &format!("{twin}/stack.toml"), stack);
            assert_eq!(of(&place, "x"), Some(root.join(twin)));
            fs::remove_dir_all(root.join(twin)).unwrap();
        }
    }
}
