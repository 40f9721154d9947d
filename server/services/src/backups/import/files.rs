//! From what somebody sent to single files: archives unpacked, within limits that no file's own word is trusted for.

use std::io::{Cursor, Read};

use exported::Format;
use zip::{ZipArchive, result::ZipError};

/// The largest single file, unpacked.
pub const LARGEST_FILE: usize = 8 * 1024 * 1024;
/// Everything together, unpacked.
const LARGEST_IMPORT: usize = 128 * 1024 * 1024;
const MOST_FILES: usize = 5000;

/// A file as somebody sent it.
#[derive(Debug, Clone)]
pub struct SentFile {
    /// The name that the sender gave it, a path perhaps; nothing is ever opened by it.
    pub name: String,
    /// None: larger than an import takes, so it was not kept.
    pub bytes: Option<Vec<u8>>,
}

/// What an import may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub file: usize,
    pub import: usize,
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: LARGEST_FILE,
            import: LARGEST_IMPORT,
            files: MOST_FILES,
        }
    }
}

/// A single file on its way to a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    /// The folders that it lay in, and its name; an archive counts as a folder.
    pub path: Vec<String>,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    Text(Format, Vec<u8>),
    /// Its name says neither JSON nor YAML; it is not read.
    OtherFormat,
    /// The reason, in a sentence.
    Unreadable(String),
}

/// Calls `visit` with one file after the other, so that only one is in memory unpacked. Hidden files and folders, and
/// what macOS packs beside every file, are no files of an export.
pub(super) fn each(sent: Vec<SentFile>, limits: Limits, mut visit: impl FnMut(File)) {
    let mut left = Left {
        files: limits.files,
        bytes: limits.import,
        limits,
    };
    for file in sent {
        let path = segments(&file.name);
        let Some(name) = path.last() else { continue };
        if is_hidden(&path) {
            continue;
        }
        if left.files == 0 {
            return visit(left.too_many(path));
        }
        if !has_extension(name, "zip") {
            let content = left.whole(name, file.bytes);
            visit(File { path, content });
            continue;
        }
        let opened = file.bytes.map(|bytes| ZipArchive::new(Cursor::new(bytes)));
        match opened {
            Some(Ok(archive)) => left.unpack(&path, archive, &mut visit),
            refused => {
                left.files -= 1;
                let content = Content::Unreadable(match refused {
                    None => "Larger than an import takes.".to_owned(),
                    Some(_) => "Not a zip archive.".to_owned(),
                });
                visit(File { path, content });
            }
        }
    }
}

/// What the import may still take.
struct Left {
    files: usize,
    bytes: usize,
    limits: Limits,
}

impl Left {
    fn whole(&mut self, name: &str, bytes: Option<Vec<u8>>) -> Content {
        self.files -= 1;
        let Some(format) = Format::of(name) else {
            return Content::OtherFormat;
        };
        match bytes {
            Some(bytes) if bytes.len() <= self.limits.file => self.taken(format, bytes),
            _ => self.too_large(),
        }
    }

    fn taken(&mut self, format: Format, bytes: Vec<u8>) -> Content {
        match self.bytes.checked_sub(bytes.len()) {
            Some(left) => {
                self.bytes = left;
                Content::Text(format, bytes)
            }
            None => self.used_up(),
        }
    }

    fn unpack(
        &mut self,
        within: &[String],
        mut archive: ZipArchive<Cursor<Vec<u8>>>,
        visit: &mut impl FnMut(File),
    ) {
        for index in 0..archive.len() {
            let named = match archive.name_for_index(index) {
                Some(Ok(name)) => name.into_owned(),
                _ => format!("file {}", index + 1),
            };
            let inside = segments(&named);
            if inside.is_empty() || named.ends_with(['/', '\\']) || is_hidden(&inside) {
                continue;
            }
            if self.files == 0 {
                return visit(self.too_many(within.to_vec()));
            }
            self.files -= 1;
            let content = self.entry(&mut archive, index, &inside);
            let path = [within, &inside].concat();
            visit(File { path, content });
        }
    }

    fn entry(
        &mut self,
        archive: &mut ZipArchive<Cursor<Vec<u8>>>,
        index: usize,
        path: &[String],
    ) -> Content {
        let name = path.last().map_or("", String::as_str);
        if has_extension(name, "zip") {
            return Content::Unreadable("An archive within an archive is not opened.".to_owned());
        }
        let Some(format) = Format::of(name) else {
            return Content::OtherFormat;
        };
        if self.bytes == 0 {
            return self.used_up();
        }
        // The declared size may lie: what counts is what comes out.
        let most = self.limits.file.min(self.bytes);
        let mut bytes = Vec::new();
        let read = archive.by_index(index).and_then(|entry| {
            let one_more = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
            Ok(entry.take(one_more).read_to_end(&mut bytes)?)
        });
        match read {
            Ok(_) if bytes.len() <= most => self.taken(format, bytes),
            Ok(_) => {
                // Work that was done for nothing counts too, or a thousand such entries would cost a thousand limits.
                self.bytes -= most;
                match most == self.limits.file {
                    true => self.too_large(),
                    false => self.used_up(),
                }
            }
            Err(error) => Content::Unreadable(unpacking(&error)),
        }
    }

    fn too_many(&self, path: Vec<String>) -> File {
        let most = self.limits.files;
        let reason = format!("From here on nothing was read: an import takes {most} files.");
        File {
            path,
            content: Content::Unreadable(reason),
        }
    }

    fn too_large(&self) -> Content {
        let most = size(self.limits.file);
        Content::Unreadable(format!("Too large: a file may have {most}."))
    }

    fn used_up(&self) -> Content {
        let most = size(self.limits.import);
        Content::Unreadable(format!(
            "Too large: the files of one import may have {most} together."
        ))
    }
}

fn unpacking(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            "It is encrypted in its archive.".to_owned()
        }
        ZipError::UnsupportedArchive(_) => {
            "Its archive was packed by a method that is not known here.".to_owned()
        }
        _ => "Its archive is damaged.".to_owned(),
    }
}

fn size(bytes: usize) -> String {
    match bytes / (1024 * 1024) {
        0 => format!("{bytes} bytes"),
        mebibytes => format!("{mebibytes} MiB"),
    }
}

/// The parts of a path that mean something; none leads anywhere else.
fn segments(name: &str) -> Vec<String> {
    name.split(['/', '\\'])
        .map(|part| {
            let kept: String = part.chars().filter(|letter| !letter.is_control()).collect();
            kept.trim().to_owned()
        })
        .filter(|part| !matches!(part.as_str(), "" | "." | ".."))
        .collect()
}

fn is_hidden(path: &[String]) -> bool {
    path.iter()
        .any(|part| part.starts_with('.') || part == "__MACOSX")
}

fn has_extension(name: &str, wanted: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, extension)| extension.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
#[path = "tests/files.rs"]
mod tests;
