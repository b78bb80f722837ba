//! The role table as the binary holds it; `data/generate` writes it and tells its layout.

use std::sync::OnceLock;

static BYTES: &[u8] = include_bytes!("../../data/roles.bin");

/// Magic, date and five numbers.
const HEADER: usize = 8 + 10 + 5 * 4;

/// The table, its parts read when first asked for. The default, an empty one, stands in where the
/// file were broken; a test reads the real one.
#[derive(Default)]
pub(super) struct Table {
    pub(super) date: &'static str,
    permission_count: usize,
    role_count: usize,
    permission_bytes: &'static [u8],
    role_bytes: &'static [u8],
    run_bytes: &'static [u8],
    permissions: OnceLock<Names>,
    roles: OnceLock<Names>,
    /// Where each role's runs begin.
    starts: OnceLock<Vec<usize>>,
}

/// Sorted names in one text.
pub(super) struct Names {
    text: String,
    ends: Vec<usize>,
}

/// The one table.
pub(super) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::read(BYTES).unwrap_or_default())
}

impl Table {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        let header = bytes.get(..HEADER)?;
        let header = header.strip_prefix(b"RBFROLE1")?;
        let (date, numbers) = header.split_at_checked(10)?;
        let mut numbers = numbers
            .chunks_exact(4)
            .filter_map(|chunk| Some(u32::from_le_bytes(chunk.try_into().ok()?) as usize));
        let (permission_count, role_count) = (numbers.next()?, numbers.next()?);
        let body = bytes.get(HEADER..)?;
        let (permission_bytes, rest) = body.split_at_checked(numbers.next()?)?;
        let (role_bytes, rest) = rest.split_at_checked(numbers.next()?)?;
        let run_bytes = rest.get(..numbers.next()?)?;
        Some(Self {
            date: std::str::from_utf8(date).ok()?.trim_end(),
            permission_count,
            role_count,
            permission_bytes,
            role_bytes,
            run_bytes,
            ..Self::default()
        })
    }

    /// Every permission.
    pub(super) fn permissions(&self) -> &Names {
        self.permissions
            .get_or_init(|| Names::read(self.permission_bytes, self.permission_count))
    }

    /// Every role, without `roles/`.
    pub(super) fn roles(&self) -> &Names {
        self.roles
            .get_or_init(|| Names::read(self.role_bytes, self.role_count))
    }

    /// The indices of a role's permissions, by the role's own index.
    pub(super) fn held(&self, role: usize) -> Vec<usize> {
        let starts = self.starts.get_or_init(|| self.starts());
        let mut reader = Reader {
            bytes: starts
                .get(role)
                .and_then(|start| self.run_bytes.get(*start..))
                .unwrap_or_default(),
        };
        let mut found = Vec::new();
        let mut next = 0;
        for _ in 0..reader.number() {
            let first = next + reader.number();
            next = first + reader.number() + 1;
            found.extend(first..next.min(self.permission_count));
        }
        found
    }

    fn starts(&self) -> Vec<usize> {
        let mut reader = Reader {
            bytes: self.run_bytes,
        };
        let mut starts = Vec::with_capacity(self.role_count);
        for _ in 0..self.role_count {
            starts.push(self.run_bytes.len() - reader.bytes.len());
            for _ in 0..reader.number() {
                reader.number();
                reader.number();
            }
        }
        starts
    }
}

impl Names {
    fn read(bytes: &[u8], count: usize) -> Self {
        let mut reader = Reader { bytes };
        let mut text = String::with_capacity(count * 36);
        let mut ends = Vec::with_capacity(count);
        let mut before = 0;
        for _ in 0..count {
            let shared = reader.number();
            let own = reader.number();
            let start = text.len();
            let prefix = text
                .get(before..before + shared)
                .unwrap_or_default()
                .to_owned();
            text.push_str(&prefix);
            text.push_str(reader.text(own));
            ends.push(text.len());
            before = start;
        }
        Self { text, ends }
    }

    /// The name at an index.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..*self.ends.get(index)?)
    }

    /// The index of a name.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle)?.cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// Every name in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).filter_map(|index| self.get(index))
    }
}

/// Reads the sections. What is cut short reads as nothing.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn number(&mut self) -> usize {
        let mut number = 0_usize;
        let mut shift = 0;
        while let Some((byte, rest)) = self.bytes.split_first() {
            self.bytes = rest;
            number |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 || shift > 28 {
                break;
            }
        }
        number
    }

    fn text(&mut self, length: usize) -> &'a str {
        let (text, rest) = self.bytes.split_at_checked(length).unwrap_or_default();
        self.bytes = rest;
        std::str::from_utf8(text).unwrap_or_default()
    }
}
