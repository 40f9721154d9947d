//! Rows of a list as a file, written while they are read: one page of them is in memory at a time.

use std::io;

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use futures::{Stream, StreamExt};
use serde::Deserialize;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Csv,
    Json,
}

/// A download of `rows`, each given as its cells and as an object. A page that fails breaks it off, so that no file looks
/// complete that is not.
pub(super) fn download(
    name: &str,
    format: Format,
    columns: &[&str],
    pages: impl Stream<Item = io::Result<Vec<Row>>> + Send + 'static,
) -> Response {
    let (kind, extension) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Json => ("application/json", "json"),
    };
    let (head, tail) = match format {
        // The mark lets spreadsheets read UTF-8 as such.
        Format::Csv => (
            format!("\u{feff}{}", line(columns.iter().copied())),
            String::new(),
        ),
        Format::Json => ("[".to_owned(), "\n]\n".to_owned()),
    };
    let mut first = true;
    let body = pages.map(move |page| {
        page.map(|rows| {
            let mut text = String::new();
            for row in rows {
                match format {
                    Format::Csv => text.push_str(&line(row.cells.iter().map(String::as_str))),
                    Format::Json => {
                        text.push_str(if first { "\n" } else { ",\n" });
                        text.push_str(&row.object.to_string());
                    }
                }
                first = false;
            }
            text
        })
    });
    let whole = futures::stream::once(async { Ok(head) })
        .chain(body)
        .chain(futures::stream::once(async { Ok(tail) }));
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.{extension}\""),
        ),
    ];
    (headers, Body::from_stream(whole)).into_response()
}

/// One row in both forms.
pub(super) struct Row {
    pub cells: Vec<String>,
    pub object: serde_json::Value,
}

/// One line as RFC 4180 has it.
fn line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<_> = cells.map(cell).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell that no spreadsheet takes for a formula: names are whatever somebody typed.
fn cell(text: &str) -> String {
    let guard = match text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
    {
        true => "'",
        false => "",
    };
    match text.contains(['"', ',', '\r', '\n']) || !guard.is_empty() {
        true => format!("\"{guard}{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_to_every_spreadsheet() {
        assert_eq!(cell("Contoso"), "Contoso");
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        for formula in ["+1", "-1", "@x", "\tx"] {
            assert!(cell(formula).starts_with("\"'"), "{formula}");
        }
    }
}
