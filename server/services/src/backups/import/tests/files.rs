#![allow(clippy::unwrap_used)]
use std::io::Write;

use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn sent(name: &str, bytes: &[u8]) -> SentFile {
    SentFile {
        name: name.to_owned(),
        bytes: Some(bytes.to_vec()),
    }
}

fn read(files: Vec<SentFile>, limits: Limits) -> Vec<(String, String)> {
    let mut read = Vec::new();
    each(files, limits, |file| {
        let content = match file.content {
            Content::Text(_, bytes) => format!("{} bytes", bytes.len()),
            Content::OtherFormat => "other".to_owned(),
            Content::Unreadable(why) => why,
        };
        read.push((file.path.join("/"), content));
    });
    read
}

fn shown(read: &[(String, String)]) -> Vec<(&str, &str)> {
    read.iter()
        .map(|(path, content)| (path.as_str(), content.as_str()))
        .collect()
}

#[test]
fn archives_are_folders_and_what_is_hidden_is_no_file() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive
        .add_directory("SettingsCatalog/", SimpleFileOptions::default())
        .unwrap();
    for name in [
        "SettingsCatalog/a.json",
        "../../etc/b.JSON",
        "__MACOSX/._a.json",
        ".git/config.json",
        "Inner.zip",
        "README.md",
    ] {
        archive
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
        archive.write_all(b"{}").unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    let read = read(
        vec![
            sent("export.zip", &bytes),
            sent("C:\\exports\\c.json", b"{ }"),
        ],
        Limits::default(),
    );
    assert_eq!(
        shown(&read),
        [
            ("export.zip/SettingsCatalog/a.json", "2 bytes"),
            ("export.zip/etc/b.JSON", "2 bytes"),
            (
                "export.zip/Inner.zip",
                "An archive within an archive is not opened."
            ),
            ("export.zip/README.md", "other"),
            ("C:/exports/c.json", "3 bytes"),
        ]
    );
}

#[test]
fn a_bomb_costs_no_more_than_the_limits_and_spoils_no_other_file() {
    let limits = Limits {
        file: 1000,
        import: 2500,
        files: 100,
    };
    let zeros = vec![b' '; 10_000_000];
    let bomb = zip(&[("bomb.json", &zeros), ("good.json", b"{}")]);
    assert!(bomb.len() < 50_000);
    let files = vec![
        sent("a.zip", &bomb),
        sent("large.json", &zeros[..1001]),
        sent("b.json", &zeros[..1000]),
        sent("c.json", &zeros[..1000]),
        sent("d.json", b"{}"),
    ];
    let too_large = "Too large: a file may have 1000 bytes.";
    assert_eq!(
        shown(&read(files, limits)),
        [
            ("a.zip/bomb.json", too_large),
            ("a.zip/good.json", "2 bytes"),
            ("large.json", too_large),
            ("b.json", "1000 bytes"),
            (
                "c.json",
                "Too large: the files of one import may have 2500 bytes together."
            ),
            ("d.json", "2 bytes"),
        ]
    );
}

#[test]
fn a_declared_size_is_not_trusted() {
    let limits = Limits {
        file: 1000,
        ..Limits::default()
    };
    let mut bytes = zip(&[("bomb.json", &[b' '; 100_000])]);
    // The size that the directory declares, made small.
    let directory = bytes
        .windows(4)
        .position(|four| four == b"PK\x01\x02")
        .unwrap();
    bytes[directory + 24..directory + 28].copy_from_slice(&10_u32.to_le_bytes());
    let read = read(vec![sent("a.zip", &bytes)], limits);
    assert_eq!(read.len(), 1);
    assert!(
        !read[0].1.ends_with("bytes") || read[0].1 == "10 bytes",
        "{read:?}"
    );
}

#[test]
fn more_files_than_an_import_takes_are_said_to_be_left_out() {
    let limits = Limits {
        files: 2,
        ..Limits::default()
    };
    let archive = zip(&[("a.json", b"1"), ("b.json", b"2"), ("c.json", b"3")]);
    let read = read(vec![sent("x.zip", &archive), sent("d.json", b"4")], limits);
    let left_out = "From here on nothing was read: an import takes 2 files.";
    assert_eq!(read[2], ("x.zip".to_owned(), left_out.to_owned()));
    assert_eq!(read[3], ("d.json".to_owned(), left_out.to_owned()));
    assert_eq!(read.len(), 4);
}

#[test]
fn what_is_no_archive_or_was_too_large_to_keep_says_so() {
    let dropped = |name: &str| SentFile {
        name: name.to_owned(),
        bytes: None,
    };
    let files = vec![
        sent("a.zip", b"not one"),
        dropped("b.zip"),
        dropped("c.json"),
        sent("", b"{}"),
        sent("..", b"{}"),
    ];
    assert_eq!(
        shown(&read(files, Limits::default())),
        [
            ("a.zip", "Not a zip archive."),
            ("b.zip", "Larger than an import takes."),
            ("c.json", "Too large: a file may have 8 MiB."),
        ]
    );
}
