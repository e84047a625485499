//! Who pays for a booking: the member, or a company at whose expense they may book.

use sqlx::PgConnection;

use super::{booking::Booking, locks};
use crate::{
    billing::account::Account,
    error::{Error, Result},
    id::Id,
    members::{company::Company, member::Member},
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Payer {
    /// Whoever pays when nothing is said: the company that the member has named for it, or themselves.
    #[default]
    Usual,
    Member,
    /// By its slug.
    Company(String),
}

impl Payer {
    /// `me`, the slug of a company, or nothing.
    pub fn said(text: &str) -> Payer {
        match text.trim() {
            "" => Payer::Usual,
            "me" => Payer::Member,
            slug => Payer::Company(slug.to_owned()),
        }
    }

    /// Of a booking.
    pub fn of(booking: &Booking) -> Payer {
        let company = booking.company_slug.clone();
        company.map_or(Payer::Member, Payer::Company)
    }

    /// The company, locked; `None` when the member pays. One at whose expense they may not book is not there.
    pub async fn lock(&self, tx: &mut PgConnection, member: Id<Member>) -> Result<Option<Company>> {
        if *self == Payer::Member {
            return Ok(None);
        }
        let (companies, usual) = Company::paying_for(&mut *tx, member).await?;
        let slug = match self {
            Payer::Company(slug) => Some(slug),
            _ => usual.as_ref(),
        };
        let Some(slug) = slug else { return Ok(None) };
        let company = companies
            .into_iter()
            .find(|company| company.slug == *slug)
            .ok_or(Error::NotFound)?;
        locks::company(tx, company.id).await?;
        Ok(Some(company))
    }
}

impl Payer {
    /// The company at whose expense somebody books for a colleague, locked: one at whose expense they may book, and to
    /// which both belong. `None` where there is none such.
    pub async fn lock_for(
        &self,
        tx: &mut PgConnection,
        acting: Id<Member>,
        colleague: Id<Member>,
    ) -> Result<Option<Company>> {
        let (companies, usual) = Company::paying_for(&mut *tx, acting).await?;
        let theirs = Company::of(tx, colleague).await?;
        let mut shared = companies
            .into_iter()
            .filter(|company| theirs.iter().any(|one| one.id == company.id))
            .collect::<Vec<_>>();
        shared.sort_by_key(|company| Some(&company.slug) != usual.as_ref());
        let company = shared.into_iter().find(|company| match self {
            Payer::Company(slug) => company.slug == *slug,
            Payer::Usual | Payer::Member => true,
        });
        if let Some(company) = &company {
            locks::company(tx, company.id).await?;
        }
        Ok(company)
    }
}

/// The name of the company, if it asks for a purchase order number and was given none.
pub fn missing_order(company: Option<&Company>, number: &str) -> Option<String> {
    let company = company.filter(|company| company.po_required && number.is_empty())?;
    Some(company.name.clone())
}

/// Who may pay, for a form to choose from.
#[derive(Clone, Debug, Default)]
pub struct Payers {
    companies: Vec<Company>,
    /// The slug of the one that usually pays.
    usual: Option<String>,
}

/// One of them; `value` is what `Payer::said` reads.
pub struct Choice<'a> {
    pub value: &'a str,
    pub name: &'a str,
    pub chosen: bool,
}

impl Payers {
    pub async fn of(db: &mut PgConnection, member: Id<Member>) -> Result<Payers> {
        let (companies, usual) = Company::paying_for(db, member).await?;
        Ok(Payers { companies, usual })
    }

    /// Nothing for somebody who can only pay themselves. `said` is what was chosen before, if anything.
    pub fn choices(&self, said: &str) -> Vec<Choice<'_>> {
        if self.companies.is_empty() {
            return Vec::new();
        }
        let meant = match said {
            "" => self.usual.as_deref().unwrap_or("me"),
            said => said,
        };
        let companies = self.companies.iter();
        let all = [("me", "Me")]
            .into_iter()
            .chain(companies.map(|company| (company.slug.as_str(), company.name.as_str())));
        all.map(|(value, name)| Choice {
            value,
            name,
            chosen: value == meant,
        })
        .collect()
    }

    /// The company that pays when nothing is said; `None` when the member does.
    pub fn usual(&self) -> Option<&Company> {
        let slug = self.usual.as_ref()?;
        self.companies.iter().find(|company| company.slug == *slug)
    }

    pub fn ask_for_an_order(&self) -> bool {
        self.companies.iter().any(|company| company.po_required)
    }
}

/// The account that a booking is charged to; the company and the member are locked.
pub async fn account(
    tx: &mut PgConnection,
    company: Option<&Company>,
    member: Id<Member>,
) -> Result<Id<Account>> {
    match company {
        Some(company) => Account::of_company(tx, company.id).await,
        None => Account::of_member(tx, member).await,
    }
}
