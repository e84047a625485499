//! The sample journal: six articles, and one that is being written.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::dice::Dice;

const AUTHOR: &str = "The Connect Space team";

struct Sample {
    slug: &'static str,
    title: &'static str,
    summary: &'static str,
    category: &'static str,
    cover: &'static str,
    /// `None`: a draft.
    days_ago: Option<i64>,
    body: &'static str,
}

const ARTICLES: [Sample; 7] = [
    Sample {
        slug: "what-to-ask-before-an-office",
        title: "What to ask before you take an office",
        summary: "Notice, deposit, escalation: the three lines of an office agreement that cost money later.",
        category: "advice",
        cover: "desks",
        days_ago: None,
        body: "## Notice\n\nHow long, and to which day of the month?\n\n## Deposit\n\n## Escalation\n",
    },
    Sample {
        slug: "working-asynchronously",
        title: "Five hours of meetings a week: how small firms work asynchronously",
        summary: "A way for two to twelve people to get along with fewer meetings, without a new tool: messages that \
                  can be answered, one place for each thing, and two days together.",
        category: "advice",
        cover: "clock",
        days_ago: Some(6),
        body: include_str!("journal/working-asynchronously.md"),
    },
    Sample {
        slug: "which-of-our-three-places",
        title: "Musgrave, Umhlanga or Mount Edgecombe: which of our three places suits your day",
        summary: "They are for different days, and most people use two of them. How to choose, and how to find out \
                  for yourself.",
        category: "locations",
        cover: "places",
        days_ago: Some(20),
        body: include_str!("journal/which-of-our-three-places.md"),
    },
    Sample {
        slug: "example-studio-of-three",
        title: "An example: a studio of three does the sums on its empty room",
        summary: "What a room of one’s own really costs, how many desk days three people use, and what is left to \
                  pay when they share a house. Worked out in rand, to be copied.",
        category: "case_studies",
        cover: "desks",
        days_ago: Some(34),
        body: include_str!("journal/example-studio-of-three.md"),
    },
    Sample {
        slug: "what-your-invoice-must-say",
        title: "What your tax invoice must say, so that the VAT in it is yours",
        summary: "Three sizes of invoice, the five facts that are missing most often, and a habit of ten minutes that \
                  keeps your accountant friendly.",
        category: "advice",
        cover: "paper",
        days_ago: Some(48),
        body: include_str!("journal/what-your-invoice-must-say.md"),
    },
    Sample {
        slug: "example-training-day",
        title: "An example: a training day for twenty, hour by hour",
        summary: "From the room to the sheet that everybody takes home: a plan to be copied, with what goes wrong at \
                  each point of it.",
        category: "case_studies",
        cover: "table",
        days_ago: Some(62),
        body: include_str!("journal/example-training-day.md"),
    },
    Sample {
        slug: "when-the-power-goes",
        title: "When the power goes: what to ask of a place to work",
        summary: "UPS, inverter, generator, second line, water: what each of them does in the first ten seconds and \
                  in the fourth hour, and a list for your next viewing.",
        category: "locations",
        cover: "power",
        days_ago: Some(76),
        body: include_str!("journal/when-the-power-goes.md"),
    },
];

pub async fn insert(
    tx: &mut PgConnection,
    dice: &mut Dice,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let rows: Vec<ArticleRow> = ARTICLES
        .iter()
        .map(|sample| {
            let published_at = sample.days_ago.map(|days| now - Duration::days(days));
            ArticleRow {
                id: dice.id(now),
                slug: sample.slug,
                title: sample.title,
                summary: sample.summary,
                body: sample.body,
                category: sample.category,
                author: AUTHOR,
                cover: sample.cover,
                published_at,
                written_at: published_at.unwrap_or(now),
            }
        })
        .collect();
    sqlx::query!(
        r#"insert into articles (id, slug, title, summary, body, category, author, cover, published_at, created_at,
               updated_at)
           select id, slug, title, summary, body, category, author, cover, published_at, written_at, written_at
           from jsonb_to_recordset($1) as row (id uuid, slug text, title text, summary text, body text,
               category text, author text, cover text, published_at timestamptz, written_at timestamptz)"#,
        Json(&rows) as _
    )
    .execute(tx)
    .await?;
    Ok(())
}

#[derive(Serialize)]
struct ArticleRow {
    id: Uuid,
    slug: &'static str,
    title: &'static str,
    summary: &'static str,
    body: &'static str,
    category: &'static str,
    author: &'static str,
    cover: &'static str,
    published_at: Option<DateTime<Utc>>,
    written_at: DateTime<Utc>,
}
