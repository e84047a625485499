//! What somebody types on the booking form besides the wish, and how it outlives a way round by the sign-in page.

use serde::Deserialize;

use crate::html;

/// What a newcomer types about themselves, and what the form carries besides the wish.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Typist {
    pub name: String,
    pub email: String,
    pub mobile: String,
    pub title: String,
    pub contact_name: String,
    pub contact_phone: String,
    pub notes: String,
    /// `me`, or a company's slug.
    pub company: String,
    pub purchase_order: String,
    /// The number with us of the colleague whom it is for; nothing for oneself.
    pub whom: String,
}

impl Typist {
    /// More of a query, after the wish, whose form says the same; who they are is known once they have signed in.
    pub fn more(&self) -> String {
        let said = [
            ("title", &self.title),
            ("contact_name", &self.contact_name),
            ("contact_phone", &self.contact_phone),
            ("notes", &self.notes),
            ("company", &self.company),
            ("purchase_order", &self.purchase_order),
            ("whom", &self.whom),
        ];
        let said = said.into_iter().filter(|(_, text)| !text.is_empty());
        said.map(|pair| format!("&{}", html::query(&[pair])))
            .collect()
    }
}
