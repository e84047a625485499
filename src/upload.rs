//! A photo in a form, and what it shows in words.

use axum::{
    extract::{
        Multipart,
        multipart::{MultipartError, MultipartRejection},
    },
    http::StatusCode,
};

use crate::{
    error::{Error, Result},
    photograph::{self, MOST_BYTES, Photograph},
};

/// The most that a form with a photo may hold, in bytes: more than a photo may have, so that one that is
/// too large is still read and gets its sentence.
pub const BODY: usize = 3 * MOST_BYTES;

/// The fields `alt` and `photo` of a form.
pub struct Upload {
    pub alt: String,
    /// `None` when it was more than is taken.
    photo: Option<Vec<u8>>,
}

impl Upload {
    /// The description stands before the photo in the form, so that it is kept however large the photo is.
    pub async fn read(form: Result<Multipart, MultipartRejection>) -> Result<Upload> {
        let mut form = form.map_err(|_| unreadable())?;
        let mut sent = Upload {
            alt: String::new(),
            photo: Some(Vec::new()),
        };
        loop {
            let part = match form.next_field().await {
                Ok(Some(part)) => part,
                Ok(None) => return Ok(sent),
                Err(error) => return sent.cut_off(&error),
            };
            match part.name() {
                Some("alt") => match part.text().await {
                    Ok(alt) => sent.alt = alt,
                    Err(error) => return sent.cut_off(&error),
                },
                Some("photo") => match part.bytes().await {
                    Ok(photo) => sent.photo = Some(photo.to_vec()),
                    Err(error) => return sent.cut_off(&error),
                },
                _ => {}
            }
        }
    }

    fn cut_off(mut self, error: &MultipartError) -> Result<Upload> {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            self.photo = None;
            return Ok(self);
        }
        Err(unreadable())
    }

    /// The photo, read and written anew, or the sentence that says what is wrong with it. Once.
    pub async fn photograph(&mut self) -> Result<Result<Photograph, String>> {
        let read = match self.photo.take() {
            Some(photo) => photograph::read(photo).await?,
            None => Err(photograph::Refusal::TooHeavy),
        };
        Ok(read.map_err(|refusal| refusal.to_string()))
    }
}

fn unreadable() -> Error {
    Error::Refused {
        status: StatusCode::BAD_REQUEST,
        kind: "bad-request",
        sentence: String::new(),
    }
}
