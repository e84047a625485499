//! What is said cut into words, numbers and signs, and what single words mean.

use chrono::Weekday;

use super::words::Unit;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Number(String),
    Word(String),
    Sign(char),
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub piece: Piece,
    /// Nothing stands between it and the one before.
    pub glued: bool,
}

/// In lower case; words that name a number are one.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut glued = false;
    for c in text.to_lowercase().chars() {
        if c.is_whitespace() || c == '\'' || c == '’' {
            glued = glued && !c.is_whitespace();
            continue;
        }
        let last = tokens.last_mut().filter(|_| glued);
        match (c, last.map(|token| &mut token.piece)) {
            ('0'..='9', Some(Piece::Number(digits))) => digits.push(c),
            ('0'..='9', _) => tokens.push(Token::new(Piece::Number(c.into()), glued)),
            _ if c.is_alphabetic() => match tokens.last_mut().filter(|_| glued) {
                Some(Token {
                    piece: Piece::Word(word),
                    ..
                }) => word.push(c),
                _ => tokens.push(Token::new(Piece::Word(c.into()), glued)),
            },
            ('½' | '¼' | '¾', _) => {
                let part = match c {
                    '½' => "5",
                    '¼' => "25",
                    _ => "75",
                };
                tokens.push(Token::new(Piece::Sign('.'), true));
                tokens.push(Token::new(Piece::Number(part.into()), true));
            }
            ('–' | '—' | '−' | '‑', _) => tokens.push(Token::new(Piece::Sign('-'), glued)),
            (sign, _) => tokens.push(Token::new(Piece::Sign(sign), glued)),
        }
        glued = true;
    }
    for token in &mut tokens {
        if let Piece::Word(word) = &token.piece
            && let Some(number) = number_word(word)
        {
            token.piece = Piece::Number(number.to_string());
        }
    }
    tokens
}

impl Token {
    fn new(piece: Piece, glued: bool) -> Token {
        Token { piece, glued }
    }
}

fn number_word(word: &str) -> Option<u32> {
    let words = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
        "eleven", "twelve",
    ];
    let small = words.iter().position(|known| *known == word);
    let tens = [
        ("fifteen", 15),
        ("twenty", 20),
        ("thirty", 30),
        ("ninety", 90),
    ];
    small.map(|number| number as u32).or_else(|| {
        let known = tens.iter().find(|(known, _)| *known == word);
        known.map(|(_, number)| *number)
    })
}

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "mon" | "monday" => Weekday::Mon,
        "tue" | "tues" | "tuesday" => Weekday::Tue,
        "wed" | "weds" | "wednesday" => Weekday::Wed,
        "thu" | "thur" | "thurs" | "thursday" => Weekday::Thu,
        "fri" | "friday" => Weekday::Fri,
        "sat" | "saturday" => Weekday::Sat,
        "sun" | "sunday" => Weekday::Sun,
        _ => return None,
    })
}

/// January is 1.
pub(super) fn month(word: &str) -> Option<u32> {
    let names = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let at = names.iter().position(|name| {
        name == &word || word.len() >= 3 && word.len() <= 4 && name.starts_with(word)
    });
    at.map(|at| at as u32 + 1)
}

pub(super) fn minutes_word(word: &str) -> bool {
    matches!(word, "m" | "min" | "mins" | "minute" | "minutes")
}

pub(super) fn count_word(word: &str) -> Option<Unit> {
    match word {
        "day" | "days" => Some(Unit::Day),
        "week" | "weeks" | "wk" | "wks" => Some(Unit::Week),
        "month" | "months" => Some(Unit::Month),
        _ => None,
    }
}
