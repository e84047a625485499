//! Guests as people type them: one in two fields, or several, a line each.

use serde::Deserialize;

use super::guests::Invited;
use crate::form::{self, Errors};

/// Two fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GuestForm {
    pub guest_name: String,
    pub guest_email: String,
}

impl GuestForm {
    pub fn parse(&self, errors: &mut Errors) -> Option<Invited> {
        let name = form::required_line(&self.guest_name, 100, "Enter your guest’s name.");
        let name = errors.take("guest_name", name);
        let email = errors.take("guest_email", address(&self.guest_email));
        Some(Invited {
            name: name?,
            email: email?,
        })
    }
}

fn address(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("Enter your guest’s email address.".to_owned()),
        text => form::email(text),
    }
}

/// `Lerato Moeketsi lerato@example.com`, a line each; commas and angle brackets are as good as blanks. Without a name the address
/// stands for it.
pub(super) fn several(text: &str) -> Result<Vec<Invited>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut guests: Vec<Invited> = Vec::new();
    for line in lines {
        let guest = one(line)?;
        if guests.iter().all(|known| known.email != guest.email) {
            guests.push(guest);
        }
    }
    match guests.len() {
        0..=500 => Ok(guests),
        _ => Err("Invite at most 500 guests at once.".to_owned()),
    }
}

fn one(line: &str) -> Result<Invited, String> {
    let words = line.split(|c: char| c.is_whitespace() || ",;<>".contains(c));
    let (addresses, names): (Vec<&str>, Vec<&str>) = words
        .filter(|word| !word.is_empty())
        .partition(|word| word.contains('@'));
    let [email] = addresses.as_slice() else {
        return Err(format!(
            "Write one name and one email address on each line, not “{}”.",
            form::line(line)
        ));
    };
    let email = form::email(email).map_err(|_| {
        let such = "Enter an email address like name@example.com";
        format!("{such}, not “{}”.", form::line(email))
    })?;
    let name = names.join(" ");
    let name = match name.is_empty() {
        true => &email,
        false => &name,
    };
    Ok(Invited {
        name: form::optional_line(name, 100)?,
        email,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_are_read_line_by_line_however_they_are_pasted() {
        let read = |text: &str| {
            let guests = several(text).map(|guests| {
                let words = guests.into_iter();
                words
                    .map(|one| format!("{}={}", one.name, one.email))
                    .collect::<Vec<_>>()
                    .join(" ")
            });
            guests.unwrap_or_else(|sentence| sentence)
        };
        assert_eq!(read(" \n"), "");
        assert_eq!(
            read("Lerato Moeketsi <Lerato@example.com>\n\nsam@example.com, Sam\njo@example.com"),
            "Lerato Moeketsi=lerato@example.com Sam=sam@example.com jo@example.com=jo@example.com"
        );
        assert_eq!(
            read("Sam sam@example.com\nSAM@example.com"),
            "Sam=sam@example.com"
        );
        assert!(read("Lerato").starts_with("Write one name and one email address"));
        assert!(read("a@example.com b@example.com").starts_with("Write one name"));
        assert!(read("Sam sam@nowhere").contains("not “sam@nowhere”"));
    }
}
