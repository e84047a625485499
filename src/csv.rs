//! Tables as files for spreadsheets (RFC 4180), in which nothing that people typed is taken for a formula.

/// A heading and its rows, with the byte order mark that spreadsheets know UTF-8 by.
pub fn table(heading: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = "\u{feff}".to_owned();
    let heading = heading.iter().map(|cell| (*cell).to_owned()).collect();
    for row in std::iter::once(heading).chain(rows) {
        let row: Vec<String> = row.iter().map(|text| cell(text)).collect();
        text.push_str(&row.join(","));
        text.push_str("\r\n");
    }
    text
}

fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = format!("{}{text}", if is_formula { "'" } else { "" });
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_typed_is_no_formula() {
        let rows = [vec![
            "=1+1".to_owned(),
            "+27820000001".into(),
            "a \"b\", c".into(),
            "plain".into(),
        ]];
        assert_eq!(
            table(&["One", "Two", "Three", "Four"], rows),
            "\u{feff}One,Two,Three,Four\r\n'=1+1,'+27820000001,\"a \"\"b\"\", c\",plain\r\n"
        );
    }
}
