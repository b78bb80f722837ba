//! A terminal, for what rbacform does only where somebody sits at one.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// The side of the one who types and reads.
pub struct Terminal {
    seat: File,
    seen: String,
}

impl Terminal {
    pub fn new() -> Self {
        let seat = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&seat).unwrap();
        unlockpt(&seat).unwrap();
        Self {
            seat: File::from(seat),
            seen: String::new(),
        }
    }

    /// The side of a program, for one of its streams.
    pub fn stdio(&self) -> Stdio {
        let name = ptsname(&self.seat, Vec::new()).unwrap();
        let path = name.to_str().unwrap();
        let file = File::options().read(true).write(true).open(path).unwrap();
        file.into()
    }

    pub fn types(&mut self, line: &str) {
        writeln!(self.seat, "{line}").unwrap();
    }

    /// Reads until these words were shown; all that was shown so far.
    #[track_caller]
    pub fn shows(&mut self, words: &str) -> &str {
        let mut bytes = [0; 1024];
        while !self.seen.contains(words) {
            // Once the program is gone, nothing more can be read.
            let read = self.seat.read(&mut bytes).unwrap_or(0);
            assert!(read > 0, "no `{words}` in {}", self.seen);
            self.seen += &String::from_utf8_lossy(&bytes[..read]);
        }
        &self.seen
    }
}
