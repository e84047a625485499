//! Photos that people upload: read within limits, turned upright, and written anew in two sizes.
//!
//! What was uploaded is only ever read by Rust code; libwebp writes from our own pixels, and to a
//! twentieth of what lossless WebP takes (a landscape at 1600 px: 57 KB instead of 1.3 MB). Nothing
//! but pixels goes on: no place, no camera, no name.

use std::io::Cursor;

use anyhow::anyhow;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgba, RgbaImage,
    imageops::{self, FilterType},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::error::Result;

/// The most bytes that an upload may have.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;
/// The most pixels: a picture takes four bytes of memory for each, however small its file is.
const MOST_PIXELS: u64 = 50_000_000;
/// The least width, so that a picture is not blown up.
const LEAST_WIDTH: u32 = 640;

const LARGE: u32 = 1600;
const SMALL: u32 = 640;
/// Of 100; below it, walls in one colour begin to show steps.
const QUALITY: f32 = 78.0;

/// One at a time: a large picture takes a few hundred megabytes while it is read.
static TURN: Semaphore = Semaphore::const_new(1);

pub struct Photograph {
    pub large: Rendition,
    pub small: Rendition,
}

pub struct Rendition {
    pub width: u32,
    pub height: u32,
    pub webp: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("Choose a photo.")]
    Missing,
    #[error("That photo has more than 10 MB. Save it smaller and choose it again.")]
    TooHeavy,
    #[error("Choose a photo as JPEG, PNG or WebP.")]
    NotAPhoto,
    #[error("That photo has more than 50 million pixels. Save it smaller and choose it again.")]
    TooManyPixels,
    #[error("That photo is less than 640 pixels wide. Choose a larger one.")]
    TooSmall,
    #[error("That photo could not be read to its end. Save it anew and choose it again.")]
    Damaged,
}

/// What an upload shows. Its kind is read from its first bytes, whatever its name says.
pub async fn read(upload: Vec<u8>) -> Result<Result<Photograph, Refusal>> {
    let _turn = TURN.acquire().await.map_err(|error| anyhow!(error))?;
    let work = spawn_blocking(move || develop(&upload));
    Ok(work.await.map_err(|error| anyhow!(error))?)
}

fn develop(upload: &[u8]) -> Result<Photograph, Refusal> {
    if upload.is_empty() {
        return Err(Refusal::Missing);
    }
    if upload.len() > MOST_BYTES {
        return Err(Refusal::TooHeavy);
    }
    let format = image::guess_format(upload).map_err(|_| Refusal::NotAPhoto)?;
    if !matches!(
        format,
        ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP
    ) {
        return Err(Refusal::NotAPhoto);
    }
    let image = upright(upload, format)?;
    if image.width() < LEAST_WIDTH {
        return Err(Refusal::TooSmall);
    }
    let large = within(&image, LARGE);
    let small = within(&large, SMALL);
    Ok(Photograph {
        large: written(large)?,
        small: written(small)?,
    })
}

/// The pixels as the camera was held.
fn upright(upload: &[u8], format: ImageFormat) -> Result<DynamicImage, Refusal> {
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_PIXELS * 8);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Refusal::Damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Refusal::TooManyPixels);
    }
    let orientation = decoder.orientation().map_err(|_| Refusal::Damaged)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| Refusal::Damaged)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// At most so wide and so high, and never larger than it was.
fn within(image: &DynamicImage, most: u32) -> DynamicImage {
    if image.width() <= most && image.height() <= most {
        image.clone()
    } else {
        image.resize(most, most, FilterType::Lanczos3)
    }
}

fn written(image: DynamicImage) -> Result<Rendition, Refusal> {
    let (width, height) = (image.width(), image.height());
    let pixels = if image.color().has_alpha() {
        let mut paper = RgbaImage::from_pixel(width, height, Rgba([255; 4]));
        imageops::overlay(&mut paper, &image.to_rgba8(), 0, 0);
        DynamicImage::ImageRgba8(paper).to_rgb8()
    } else {
        image.to_rgb8()
    };
    let webp = webp::Encoder::from_rgb(&pixels, width, height)
        .encode_simple(false, QUALITY)
        .map_err(|_| Refusal::Damaged)?;
    Ok(Rendition {
        width,
        height,
        webp: webp.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let pixels = vec![120; (width * height * 3) as usize];
        PngEncoder::new(&mut bytes)
            .write_image(&pixels, width, height, ExtendedColorType::Rgb8)
            .unwrap();
        bytes
    }

    fn refused(upload: &[u8]) -> Refusal {
        match develop(upload) {
            Ok(_) => panic!("it was taken"),
            Err(refusal) => refusal,
        }
    }

    #[test]
    fn two_sizes_are_written_and_none_is_blown_up() {
        let wide = develop(&png(2000, 1000)).ok().unwrap();
        assert_eq!((wide.large.width, wide.large.height), (1600, 800));
        assert_eq!((wide.small.width, wide.small.height), (640, 320));
        assert!(wide.large.webp.starts_with(b"RIFF"));
        let plain = develop(&png(700, 400)).ok().unwrap();
        assert_eq!(plain.large.width, 700);
    }

    /// Security check 42.
    #[test]
    fn what_is_no_photo_is_refused_by_its_bytes() {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        assert_eq!(refused(svg), Refusal::NotAPhoto);
        assert_eq!(refused(b"GIF89a\x01\x00\x01\x00"), Refusal::NotAPhoto);
        assert_eq!(refused(b"%PDF-1.7"), Refusal::NotAPhoto);
        assert_eq!(refused(b""), Refusal::Missing);
        assert_eq!(refused(&png(639, 700)), Refusal::TooSmall);
        assert_eq!(refused(&vec![0xff; MOST_BYTES + 1]), Refusal::TooHeavy);
        let whole = png(800, 800);
        assert_eq!(refused(&whole[..whole.len() / 2]), Refusal::Damaged);
    }

    /// A file of a few bytes that says it has 1.6 thousand million pixels.
    #[test]
    fn a_pixel_bomb_is_refused_before_it_goes_off() {
        let mut bomb = png(1, 1);
        bomb[16..20].copy_from_slice(&40_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&40_000_u32.to_be_bytes());
        let sum = crc(&bomb[12..29]).to_be_bytes();
        bomb[29..33].copy_from_slice(&sum);
        assert_eq!(refused(&bomb), Refusal::TooManyPixels);
    }

    /// CRC-32 as PNG has it.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 {
                    (crc >> 1) ^ 0xedb8_8320
                } else {
                    crc >> 1
                }
            })
        })
    }

    /// A photo taken with the camera on its side, with a place in its metadata.
    #[test]
    fn a_photo_stands_upright_and_forgets_where_it_was_taken() {
        let mut jpeg = Vec::new();
        let pixels = vec![90; 900 * 700 * 3];
        image::codecs::jpeg::JpegEncoder::new(&mut jpeg)
            .encode(&pixels, 900, 700, ExtendedColorType::Rgb8)
            .unwrap();
        // Exif: one entry, orientation 6 (turn right), and words that must not stay.
        let mut exif =
            b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend(b"GPS: 29.8587 S, 31.0218 E");
        let mut segment = vec![0xff, 0xe1];
        segment.extend(((exif.len() + 2) as u16).to_be_bytes());
        segment.extend(exif);
        jpeg.splice(2..2, segment);
        let picture = develop(&jpeg).ok().unwrap();
        assert_eq!((picture.large.width, picture.large.height), (700, 900));
        let says = |needle: &[u8]| {
            let mut windows = picture.large.webp.windows(needle.len());
            windows.any(|window| window == needle)
        };
        assert!(!says(b"GPS") && !says(b"Exif") && !says(b"EXIF"));
    }
}
