//! Who runs this house, as far as it has been filled in.

use sqlx::PgConnection;

use crate::{error::Result, time::Zone};

/// Each text is empty until the operator has filled it in.
#[derive(Clone, Debug)]
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
    pub paia_manual: String,
    pub hosting: String,
    pub vat_number: String,
    pub vat_registered: bool,
    pub zone: Zone,
}

impl Operator {
    pub async fn load(db: &mut PgConnection) -> Result<Operator> {
        let row = sqlx::query!(
            "select operator, legal_form, registration_number, office_bearers, address, service_address, phone,
                    email, memberships, disputes, information_officer, privacy_email, paia_manual, hosting,
                    vat_number, vat_registered, time_zone
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
            zone: Zone::named(&row.time_zone)?,
        })
    }

    /// What ECT Act 25 of 2002, s 43(1) asks for: the name of each fact, and the fact.
    pub fn identity(&self) -> Vec<(&'static str, &str)> {
        let mut facts = vec![
            ("Full name", self.name.as_str()),
            ("Legal status", &self.legal_form),
            ("Registration number and place", &self.registration_number),
            ("Office bearers", &self.office_bearers),
            ("Physical address", &self.address),
            ("Address for legal documents", &self.service_address),
            ("Telephone", &self.phone),
            ("Email", &self.email),
            ("Memberships and codes of conduct", &self.memberships),
            ("Who settles disputes", &self.disputes),
        ];
        if self.vat_registered {
            facts.push(("VAT number", &self.vat_number));
        }
        facts
    }
}
