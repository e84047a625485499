//! Who runs this house, as far as it has been filled in, and how its owners change that.

use serde::{Serialize, Serializer};
use sqlx::PgConnection;
use uuid::Uuid;

use super::sample;
use crate::{
    audit::{self, Change},
    error::Result,
    id::Id,
    members::member::Member,
    time::Zone,
};

/// Each text is empty until the operator has filled it in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Operator {
    pub name: String,
    pub legal_form: String,
    pub registration_number: String,
    pub office_bearers: String,
    pub address: String,
    pub service_address: String,
    pub phone: String,
    pub email: String,
    pub memberships: String,
    pub disputes: String,
    pub information_officer: String,
    pub privacy_email: String,
    /// An address that begins with `https://`.
    pub paia_manual: String,
    pub hosting: String,
    pub vat_number: String,
    pub vat_registered: bool,
    /// For so long viewings and questions that led to nothing are kept.
    pub keep_prospects_months: i32,
    /// For so long guests of a booking are known by name.
    pub keep_guests_days: i32,
    /// So many guests one member invites within a day.
    pub invitations_a_day: i32,
    /// Of dates that are no location's.
    #[serde(serialize_with = "zone_name")]
    pub zone: Zone,
    /// Grows with each change.
    #[serde(skip)]
    pub version: i32,
}

fn zone_name<S: Serializer>(zone: &Zone, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(zone.name())
}

/// A fact that the law asks an operator to publish.
#[derive(Clone, Copy, Debug)]
pub struct Fact<'a> {
    /// The field of the settings in which it is filled in.
    pub key: &'static str,
    pub label: &'static str,
    pub text: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(
        "Somebody else has changed these settings since you opened them. Yours are still below: look them over and save again."
    )]
    Stale,
}

impl Operator {
    pub async fn load(db: &mut PgConnection) -> Result<Operator> {
        let row = sqlx::query!(
            "select operator, legal_form, registration_number, office_bearers, address, service_address, phone,
                    email, memberships, disputes, information_officer, privacy_email, paia_manual, hosting,
                    vat_number, vat_registered, keep_prospects_months, keep_guests_days, invitations_a_day, time_zone, settings_version
             from installation"
        )
        .fetch_one(db)
        .await?;
        Ok(Operator {
            name: row.operator,
            legal_form: row.legal_form,
            registration_number: row.registration_number,
            office_bearers: row.office_bearers,
            address: row.address,
            service_address: row.service_address,
            phone: row.phone,
            email: row.email,
            memberships: row.memberships,
            disputes: row.disputes,
            information_officer: row.information_officer,
            privacy_email: row.privacy_email,
            paia_manual: row.paia_manual,
            hosting: row.hosting,
            vat_number: row.vat_number,
            vat_registered: row.vat_registered,
            keep_prospects_months: row.keep_prospects_months,
            keep_guests_days: row.keep_guests_days,
            invitations_a_day: row.invitations_a_day,
            zone: Zone::named(&row.time_zone)?,
            version: row.settings_version,
        })
    }

    /// Writes what an owner wants, if nobody has changed it since they read it, and says how many facts are
    /// other ones now.
    pub async fn change(
        &self,
        tx: &mut PgConnection,
        by: Id<Member>,
    ) -> Result<Result<usize, Refusal>> {
        sqlx::query!("select settings_version from installation for no key update")
            .fetch_one(&mut *tx)
            .await?;
        let before = Operator::load(tx).await?;
        if before.version != self.version {
            return Ok(Err(Refusal::Stale));
        }
        let change = Change::between(&before, self)?;
        if change.is_empty() {
            return Ok(Ok(0));
        }
        self.write(tx).await?;
        // There is one installation, and it has no id.
        let (whole, detail) = (Uuid::nil(), change.detail());
        let by = Some(by.get());
        audit::record(tx, by, "change operator", "installation", whole, detail).await?;
        Ok(Ok(change.count()))
    }

    /// Every fact, as it stands here.
    pub async fn write(&self, tx: &mut PgConnection) -> Result<()> {
        sqlx::query!(
            "update installation
             set operator = $1, legal_form = $2, registration_number = $3, office_bearers = $4, address = $5,
                 service_address = $6, phone = $7, email = $8, memberships = $9, disputes = $10,
                 information_officer = $11, privacy_email = $12, paia_manual = $13, hosting = $14, vat_number = $15,
                 vat_registered = $16, keep_prospects_months = $17, time_zone = $18, keep_guests_days = $19,
                 invitations_a_day = $20, settings_version = settings_version + 1",
            self.name,
            self.legal_form,
            self.registration_number,
            self.office_bearers,
            self.address,
            self.service_address,
            self.phone,
            self.email,
            self.memberships,
            self.disputes,
            self.information_officer,
            self.privacy_email,
            self.paia_manual,
            self.hosting,
            self.vat_number,
            self.vat_registered,
            self.keep_prospects_months,
            self.zone.name(),
            self.keep_guests_days,
            self.invitations_a_day
        )
        .execute(tx)
        .await?;
        Ok(())
    }

    /// `12 months`: for so long what led to nothing is kept.
    pub fn keeps_prospects(&self) -> String {
        match self.keep_prospects_months {
            1 => "1 month".into(),
            months => format!("{months} months"),
        }
    }

    /// `30 days`: for so long it is known who was a guest.
    pub fn keeps_guests(&self) -> String {
        match self.keep_guests_days {
            1 => "A day".into(),
            days => format!("{days} days"),
        }
    }

    /// What ECT Act 25 of 2002, s 43(1) asks for.
    pub fn identity(&self) -> Vec<Fact<'_>> {
        let fact = |key, label, text| Fact { key, label, text };
        let mut facts = vec![
            fact("name", "Full name", self.name.as_str()),
            fact("legal_form", "Legal status", &self.legal_form),
            fact(
                "registration_number",
                "Registration number and place",
                &self.registration_number,
            ),
            fact("office_bearers", "Office bearers", &self.office_bearers),
            fact("address", "Physical address", &self.address),
            fact(
                "service_address",
                "Address for legal documents",
                &self.service_address,
            ),
            fact("phone", "Telephone", &self.phone),
            fact("email", "Email", &self.email),
            fact(
                "memberships",
                "Memberships and codes of conduct",
                &self.memberships,
            ),
            fact("disputes", "Who settles disputes", &self.disputes),
        ];
        if self.vat_registered {
            facts.push(fact("vat_number", "VAT number", &self.vat_number));
        }
        facts
    }

    /// What POPIA s 18 and PAIA s 51 ask for beside it.
    pub fn information(&self) -> Vec<Fact<'_>> {
        let fact = |key, label, text| Fact { key, label, text };
        vec![
            fact(
                "information_officer",
                "Information officer",
                self.information_officer.as_str(),
            ),
            fact(
                "privacy_email",
                "Where to write about data",
                &self.privacy_email,
            ),
            fact("paia_manual", "PAIA manual", &self.paia_manual),
            fact("hosting", "Where data is kept", &self.hosting),
        ]
    }

    /// What the law asks for and nobody has filled in yet.
    pub fn missing(&self) -> Vec<Fact<'_>> {
        let mut facts = [self.identity(), self.information()].concat();
        facts.retain(|fact| fact.text.is_empty());
        facts
    }

    /// Whether a fact still stands as the sample has it.
    pub fn is_sample(&self, key: &str) -> bool {
        sample::FACTS.iter().any(|(sample, text)| {
            let mut facts = [self.identity(), self.information()].concat().into_iter();
            *sample == key && facts.any(|fact| fact.key == key && fact.text == *text)
        })
    }

    /// How many facts still stand as the sample has them.
    pub fn samples(&self) -> usize {
        let facts = [self.identity(), self.information()].concat();
        facts.iter().filter(|fact| self.is_sample(fact.key)).count()
    }
}
