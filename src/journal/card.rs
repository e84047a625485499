//! An article in a list.

use chrono::NaiveDate;

use super::article::{Article, Category};
use crate::{
    markdown::Text,
    spaces::photo::Photo,
    time::{Zone, long_date},
};

/// How many words a person reads in a minute.
const PACE: usize = 220;

#[derive(Clone, Debug)]
pub struct Card {
    pub url: String,
    pub title: String,
    pub summary: String,
    pub category: Category,
    pub cover: String,
    pub photo: Option<Photo>,
    pub day: String,
    /// It takes so long to read.
    pub minutes: usize,
}

impl Card {
    pub fn of(article: &Article, zone: Zone, today: NaiveDate) -> Card {
        let at = article.published_at.unwrap_or(article.updated_at);
        let words = Text::read(&article.body).words;
        Card {
            url: article.url(),
            title: article.title.clone(),
            summary: article.summary.clone(),
            category: article.category,
            cover: article.cover.clone(),
            photo: article.photo.clone(),
            day: long_date(zone.date(at), today),
            minutes: words.div_ceil(PACE).max(1),
        }
    }
}
