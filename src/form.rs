//! Forms as people typed them: raw text in, all errors at once, nothing typed is lost.

use email_address::EmailAddress;

use crate::money::Money;

/// The sentences to show, each with the field it belongs to, in the order of the form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Errors(Vec<(&'static str, String)>);

impl Errors {
    pub fn add(&mut self, field: &'static str, sentence: impl Into<String>) {
        self.0.push((field, sentence.into()));
    }

    pub fn get(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, sentence)| sentence.as_str())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(field, sentence)| (*field, sentence.as_str()))
    }

    pub fn extend(&mut self, others: Errors) {
        self.0.extend(others.0);
    }

    /// Keeps the value, or the sentence for its field.
    pub fn take<T>(&mut self, field: &'static str, parsed: Result<T, String>) -> Option<T> {
        parsed.map_err(|sentence| self.add(field, sentence)).ok()
    }
}

impl From<(&'static str, String)> for Errors {
    fn from(error: (&'static str, String)) -> Self {
        Errors(vec![error])
    }
}

/// One line of text: control characters become blanks, runs of blanks one, ends trimmed; what nobody
/// sees, or would turn round what follows, is left out.
pub fn line(text: &str) -> String {
    let clean: String = text
        .chars()
        .filter(|c| !is_unseen(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Marks of direction and of no width; those that join letters of some scripts stay.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A line of at most `longest` characters, which may be empty.
pub fn optional_line(text: &str, longest: usize) -> Result<String, String> {
    let text = line(text);
    if text.chars().count() > longest {
        return Err(format!("Keep this to {longest} characters."));
    }
    Ok(text)
}

/// A VAT number, which may be empty: ours have ten digits and begin with 4; those from abroad have letters.
pub fn vat_number(text: &str) -> Result<String, String> {
    let text = optional_line(text, 30)?;
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.is_empty() || digits.chars().any(char::is_alphabetic) {
        return Ok(text);
    }
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    if plain && digits.len() == 10 && digits.starts_with('4') {
        Ok(digits)
    } else {
        Err("Enter the ten digits of the VAT number, which begin with 4.".into())
    }
}

/// A line of at most `longest` characters, or the sentence that asks for it.
pub fn required_line(text: &str, longest: usize, missing: &str) -> Result<String, String> {
    match optional_line(text, longest)? {
        empty if empty.is_empty() => Err(missing.into()),
        line => Ok(line),
    }
}

/// Several lines of at most `longest` characters in all, which may be empty; other control characters
/// become blanks.
pub fn optional_text(text: &str, longest: usize) -> Result<String, String> {
    let text: String = (text.replace("\r\n", "\n").trim().chars())
        .filter(|c| !is_unseen(*c))
        .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
        .collect();
    if text.chars().count() > longest {
        return Err(format!("Keep this to {longest} characters."));
    }
    Ok(text)
}

/// A person's name: one field, any script, at most 100 characters.
pub fn name(text: &str) -> Result<String, String> {
    required_line(text, 100, "Enter your name.")
}

/// An email address, in lower case.
pub fn email(text: &str) -> Result<String, String> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Err("Enter your email address.".into());
    }
    let plain = text.len() <= 254
        && !text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '"');
    let dotted = text
        .rsplit_once('@')
        .is_some_and(|(_, domain)| domain.contains('.') && !domain.starts_with('['));
    if plain && dotted && EmailAddress::is_valid(&text) {
        Ok(text)
    } else {
        Err("Enter an email address like name@example.com.".into())
    }
}

/// An amount in rands as people type it: `150`, `R1 500`, `149.50` or `149,50`. Zero is one too.
pub fn rands(text: &str) -> Result<Money, String> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let plain = plain.trim_start_matches(['R', 'r']).replace(',', ".");
    let (rands, cents) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let cents = match cents.len() {
        0 => Some("00".to_owned()),
        1 => Some(format!("{cents}0")),
        2 => Some(cents.to_owned()),
        _ => None,
    };
    match cents {
        Some(cents) if digits(rands) && digits(&cents) && (1..=9).contains(&rands.len()) => {
            let amount = format!("{rands}{cents}").parse().map(Money::cents);
            amount.map_err(|_| "Enter an amount like 150 or 149.50.".into())
        }
        _ => Err("Enter an amount like 150 or 149.50.".into()),
    }
}

/// A phone number as people type it, South African unless it says otherwise, as E.164.
pub fn phone(text: &str) -> Result<String, String> {
    let hint = "Enter a phone number like 082 123 4567 or +27 82 123 4567.";
    let text = line(text).replace("(0)", "");
    if text.is_empty() {
        return Err("Enter your mobile number.".into());
    }
    let text = text
        .strip_prefix("00")
        .map_or_else(|| text.clone(), |rest| format!("+{rest}"));
    if text.len() > 40 || text.contains(|c: char| c.is_alphabetic()) {
        return Err(hint.into());
    }
    let number =
        phonenumber::parse(Some(phonenumber::country::ZA), &text).map_err(|_| hint.to_owned())?;
    let e164 = number.format().mode(phonenumber::Mode::E164).to_string();
    let digits = e164.len() - 1;
    let right_length = if e164.starts_with("+27") {
        digits == 11
    } else {
        (7..=15).contains(&digits)
    };
    if right_length {
        Ok(e164)
    } else {
        Err(hint.into())
    }
}

/// A number in E.164 as people write it: `082 123 4567`, and `+44 20 7946 0000` for those abroad.
pub fn phone_words(e164: &str) -> String {
    use phonenumber::{Mode, country::ZA, parse};
    let Ok(number) = parse(None, e164) else {
        return e164.to_owned();
    };
    let mode = if number.country().id() == Some(ZA) {
        Mode::National
    } else {
        Mode::International
    };
    number.format().mode(mode).to_string()
}

/// A password that whoever has this email address chooses: 10 to 200 characters, and none that everybody
/// tries first.
pub fn new_password(text: &str, email: Option<&str>) -> Result<String, String> {
    let length = text.chars().count();
    if length < 10 {
        return Err("Choose a password of at least 10 characters.".into());
    }
    if length > 200 {
        return Err("Choose a password of at most 200 characters.".into());
    }
    let first = text.chars().next();
    let plain = text.chars().all(|c| Some(c) == first);
    let common = [
        "password",
        "1234567890",
        "qwertyuiop",
        "connectspace",
        "connect-space",
        "letmein",
    ];
    let lower = text.to_lowercase();
    if plain
        || email.is_some_and(|email| lower == email)
        || common
            .iter()
            .any(|word| lower.starts_with(word) && length < word.len() + 6)
    {
        return Err("That password is among the first that people guess. Choose another.".into());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_people_type_them() {
        for (typed, cents) in [
            ("150", 15_000),
            ("R1 500", 150_000),
            ("149.5", 14_950),
            ("149,50", 14_950),
            ("0", 0),
        ] {
            assert_eq!(rands(typed), Ok(Money::cents(cents)), "{typed}");
        }
        for wrong in ["", "R", "-5", "1.234", "1,234.50", "a", "1e3", "9999999999"] {
            assert!(rands(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn phones_as_people_type_them() {
        for typed in [
            "082 123 4567",
            "0821234567",
            "+27 82 123 4567",
            "0027821234567",
            "+27 (0)82-123-4567",
            "(082) 123 4567",
        ] {
            assert_eq!(phone(typed), Ok("+27821234567".into()), "{typed}");
        }
        assert_eq!(phone("+44 20 7946 0000"), Ok("+442079460000".into()));
        for wrong in ["", "12", "082 123 456", "call me", "082 123 4567 8901"] {
            assert!(phone(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn phones_as_people_read_them() {
        assert_eq!(phone_words("+27821234567"), "082 123 4567");
        assert_eq!(phone_words("+442079460000"), "+44 20 7946 0000");
        assert_eq!(phone_words("nonsense"), "nonsense");
        assert_eq!(
            phone(&phone_words("+27820000001")),
            Ok("+27820000001".into())
        );
    }

    #[test]
    fn emails() {
        assert_eq!(
            email(" Nomvula@Example.COM "),
            Ok("nomvula@example.com".into())
        );
        for wrong in [
            "",
            "nomvula",
            "a@b",
            "a b@example.com",
            "a@example.com\r\nBcc: x@example.com",
            "a@[127.0.0.1]",
            "\"a b\"@example.com",
        ] {
            assert!(email(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(name("  Thandeka\r\nMkhize\t"), Ok("Thandeka Mkhize".into()));
        assert!(name(" \n ").is_err());
        assert!(name(&"x".repeat(101)).is_err());
        assert_eq!(name("🌅"), Ok("🌅".into()));
        assert_eq!(name("\u{202e}Nomsa"), Ok("Nomsa".into()));
        assert!(name("\u{200b}").is_err());
    }

    #[test]
    fn passwords() {
        for weak in ["short", "aaaaaaaaaaaa", "Password123", "1234567890"] {
            assert!(new_password(weak, None).is_err(), "{weak}");
        }
        assert!(new_password("durban-sunrise-2026", None).is_ok());
        assert!(new_password(&"é".repeat(100), None).is_err());
        assert!(new_password(&"ab ".repeat(50), None).is_ok());
        assert!(new_password("Nomsa@Example.com", Some("nomsa@example.com")).is_err());
    }
}
