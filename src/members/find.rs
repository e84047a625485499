//! Finding people as a caller says who they are: letters of the name, the company, the email address, or how
//! the phone number ends.

use sqlx::PgConnection;

use super::member::{Member, Standing};
use crate::{error::Result, id::Id};

/// Somebody who may be meant.
#[derive(Clone, Debug)]
pub struct Found {
    pub id: Id<Member>,
    /// `CM-7K3M9`
    pub reference: String,
    pub name: String,
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// Those they belong to, with commas between them; empty for none.
    pub companies: String,
    pub standing: Standing,
    /// Why, where they are not in good standing.
    pub standing_reason: String,
}

/// The people of whom every word typed is true: it begins a word of their name or of a company of theirs, begins
/// their email address or their number with us, or is how their phone number ends (three digits or more). Those whose name begins as
/// typed come first, then by name, `most` at most. Nobody for no words.
pub async fn people(db: &mut PgConnection, typed: &str, most: i64) -> Result<Vec<Found>> {
    let sought = Sought::read(typed);
    let Some(first) = sought.first() else {
        return Ok(Vec::new());
    };
    let found = sqlx::query_as!(
        Found,
        r#"select m.id, m.reference, m.name, m.email, m.phone, m.standing as "standing: Standing", m.standing_reason,
                  coalesce((select string_agg(c.name, ', ' order by c.name) from company_people p
                            join companies c on c.id = p.company_id where p.member_id = m.id), '') as "companies!"
           from (select members_meant($2, $3) as id where $1::text is null
                 union all
                 (select id from members
                  where $1 is not null and sought collate "C" >= ' ' || $1 and sought collate "C" < ' ' || $1 || chr(1114111)
                  order by sought collate "C" limit 500)) meant
           join members m using (id)
           where m.merged_into is null and m.erased_at is null
             and ($1 is null or not exists (select from unnest($2::text[]) word where m.sought not like '% ' || word || '%'))
           order by m.sought not like ' ' || $4 || '%', m.sought not like '% ' || $4 || '%', m.name, m.id
           limit $5"#,
        first.beginning(),
        &sought.letters(),
        &sought.endings() as &[Option<String>],
        sought.whole,
        most
    )
    .fetch_all(db)
    .await?;
    Ok(found)
}

/// Who alone is meant; `None` where it is nobody, or one of several.
pub async fn only(db: &mut PgConnection, typed: &str) -> Result<Option<Found>> {
    let mut found = people(db, typed, 2).await?;
    Ok(found.pop().filter(|_| found.is_empty()))
}

/// Whose a phone number (E.164) or an email address is: several may share a number.
pub async fn at(
    db: &mut PgConnection,
    phone: Option<&str>,
    email: Option<&str>,
) -> Result<Vec<Found>> {
    let found = sqlx::query_as!(
        Found,
        r#"select m.id, m.reference, m.name, m.email, m.phone, m.standing as "standing: Standing", m.standing_reason,
                  coalesce((select string_agg(c.name, ', ' order by c.name) from company_people p
                            join companies c on c.id = p.company_id where p.member_id = m.id), '') as "companies!"
           from members m
           where (m.phone = $1 or m.email = $2) and m.merged_into is null and m.erased_at is null
           order by m.name, m.id limit 5"#,
        phone,
        email
    )
    .fetch_all(db)
    .await?;
    Ok(found)
}

/// What was typed, ready to be compared.
pub(super) struct Sought {
    /// The one that says most comes first.
    words: Vec<Word>,
    whole: String,
}

pub(super) struct Word {
    /// Plain, with nothing left that `like` would read as a sign.
    pub letters: String,
    /// Of a number: its last digits, from the last to the first.
    pub ending: Option<String>,
}

/// Letters that most people's names have somewhere: with no more than these, only how a name begins counts.
const FEW: usize = 2;

impl Sought {
    pub fn read(typed: &str) -> Sought {
        let plain = plain(typed);
        let is_number = plain
            .chars()
            .all(|c| c.is_ascii_digit() || " +()".contains(c));
        let mut words: Vec<Word> = if is_number {
            let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
            Some(digits)
                .filter(|digits| !digits.is_empty())
                .into_iter()
                .map(Word::new)
                .collect()
        } else {
            plain
                .split_whitespace()
                .map(|word| Word::new(word.to_owned()))
                .collect()
        };
        words.truncate(8);
        // Of nothing but letters and pairs of them, what was said first is how the name begins.
        let length = |word: &Word| word.letters.chars().count();
        if words.iter().any(|word| length(word) > FEW) {
            words.sort_by_key(|word| std::cmp::Reverse(length(word)));
        }
        let whole = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        Sought {
            words,
            whole: escaped(&whole),
        }
    }

    /// The word that says most.
    pub fn first(&self) -> Option<&Word> {
        self.words.first()
    }

    pub fn letters(&self) -> Vec<String> {
        self.words.iter().map(|word| word.letters.clone()).collect()
    }

    pub fn endings(&self) -> Vec<Option<String>> {
        self.words.iter().map(|word| word.ending.clone()).collect()
    }
}

impl Word {
    fn new(word: String) -> Word {
        let is_number = word.len() >= 3 && word.bytes().all(|b| b.is_ascii_digit());
        // The nought of `082` stands for our country and is not in E.164.
        let digits = word
            .strip_prefix('0')
            .filter(|_| word.len() >= 9)
            .unwrap_or(&word);
        Word {
            ending: is_number.then(|| digits.chars().rev().collect()),
            letters: escaped(&word),
        }
    }

    /// What a name is to begin with, where too little was typed to look anywhere in it.
    pub fn beginning(&self) -> Option<&str> {
        (self.letters.chars().count() <= FEW).then_some(self.letters.as_str())
    }
}

/// The same as the database's `plain`: small letters without accents, hyphens as blanks.
pub fn plain(text: &str) -> String {
    let (from, to): (Vec<char>, Vec<char>) = (
        "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ-".chars().collect(),
        "aaaaaaceeeeiiiinoooooouuuuyy ".chars().collect(),
    );
    let letters = text.chars().flat_map(char::to_lowercase);
    letters
        .filter(|c| !"’'`\0".contains(*c))
        .map(|c| {
            from.iter()
                .position(|other| *other == c)
                .map_or(c, |at| to[at])
        })
        .collect()
}

fn escaped(word: &str) -> String {
    word.replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_by_how_they_end() {
        let ending = |typed: &str| Sought::read(typed).words[0].ending.clone();
        assert_eq!(ending("4567"), Some("7654".into()));
        assert_eq!(ending("082 123 4567"), Some("765432128".into()));
        assert_eq!(ending("+27 82 123 4567"), Some("76543212872".into()));
        assert_eq!(ending("67"), None, "too little to go by");
        assert_eq!(ending("sipho"), None);
    }

    #[test]
    fn names_as_they_sound() {
        assert_eq!(plain("Zoë O’Brien-Smith"), "zoe obrien smith");
        assert_eq!(Sought::read("  d'Arcy ").whole, "darcy");
        assert_eq!(escaped("100%_"), "100\\%\\_");
        assert!(Sought::read(" ").words.is_empty());
    }
}
