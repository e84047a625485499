//! Tables as files for spreadsheets (RFC 4180), in which nothing that people typed is taken for a formula.

/// A heading and its rows, with the byte order mark that spreadsheets know UTF-8 by.
pub fn table(heading: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let heading = heading.iter().map(|cell| (*cell).to_owned()).collect();
    format!(
        "\u{feff}{}",
        self::rows(std::iter::once(heading).chain(rows))
    )
}

/// Further rows of a table.
pub fn rows(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = String::new();
    for row in rows {
        let row: Vec<String> = row.iter().map(|text| cell(text)).collect();
        text.push_str(&row.join(","));
        text.push_str("\r\n");
    }
    text
}

fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) && !is_amount(text);
    let text = format!("{}{text}", if is_formula { "'" } else { "" });
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Such as `-87.50`.
fn is_amount(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    text.split_once('.').map_or_else(
        || digits(text),
        |(rands, cents)| digits(rands) && digits(cents),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_typed_is_no_formula() {
        let rows = [
            vec![
                "=1+1".to_owned(),
                "+27820000001".into(),
                "a \"b\", c".into(),
                "-87.50".into(),
            ],
            vec!["-2+3".to_owned(), "@x".into(), "\t=1".into(), "-".into()],
        ];
        assert_eq!(
            table(&["One", "Two", "Three", "Four"], rows),
            "\u{feff}One,Two,Three,Four\r\n'=1+1,'+27820000001,\"a \"\"b\"\", c\",-87.50\r\n'-2+3,'@x,'\t=1,'-\r\n"
        );
    }
}
