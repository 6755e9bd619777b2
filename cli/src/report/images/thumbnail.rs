//! A small copy of an image.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageReader, RgbImage};

/// At this quality of JPEG the eye sees no loss in an image that is made smaller.
const QUALITY: u8 = 80;

/// A smaller copy of an image, as a JPEG file.
#[derive(Debug)]
pub(super) struct Thumbnail {
    pub(super) jpeg: Vec<u8>,
    /// Width and height of the image, as a browser shows it: turned as its EXIF data say.
    pub(super) size: (u32, u32),
}

/// A copy of which the longer side has at most so many pixels; `None` of what is not a JPEG, PNG or WebP.
pub(super) fn of(file: &Path, max_pixels: u32) -> Option<Thumbnail> {
    let mut decoder = ImageReader::open(file).ok()?.with_guessed_format().ok()?.into_decoder().ok()?;
    let orientation = decoder.orientation().ok()?;
    let mut image = DynamicImage::from_decoder(decoder).ok()?;
    image.apply_orientation(orientation);
    let size = (image.width(), image.height());
    if size.0.max(size.1) > max_pixels {
        image = image.thumbnail(max_pixels, max_pixels);
    }
    let mut jpeg = Vec::new();
    on_white(&image).write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY)).ok()?;
    Some(Thumbnail { jpeg, size })
}

/// What shows through becomes white, as JPEG knows no transparency.
fn on_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let image = image.to_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0.map(u32::from);
        let over = |part: u32| ((part * alpha + 255 * (255 - alpha)) / 255) as u8;
        [red, green, blue].map(over).into()
    })
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::*;

    /// The size of the image and that of its copy, and the color in the middle of it.
    fn check(image: &RgbaImage, max_pixels: u32, expected: ((u32, u32), (u32, u32), [u8; 3])) {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("image.png");
        image.save(&file).expect("writable");
        let thumbnail = of(&file, max_pixels).expect("an image");
        let copy = image::load_from_memory(&thumbnail.jpeg).expect("a JPEG").to_rgb8();
        let middle = copy.get_pixel(copy.width() / 2, copy.height() / 2).0;
        // JPEG is off by a little.
        let near = middle.iter().zip(expected.2).all(|(a, b)| a.abs_diff(b) < 4);
        assert!(near, "{middle:?}");
        assert_eq!((thumbnail.size, copy.dimensions()), (expected.0, expected.1));
    }

    #[test]
    fn the_longer_side_is_bounded_and_the_size_remembered() {
        let plain = |width, height, pixel| RgbaImage::from_pixel(width, height, Rgba(pixel));
        check(&plain(300, 200, [200, 40, 40, 255]), 60, ((300, 200), (60, 40), [200, 40, 40]));
        check(&plain(20, 80, [0, 90, 200, 255]), 60, ((20, 80), (15, 60), [0, 90, 200]));
        check(&plain(30, 20, [0, 0, 0, 0]), 60, ((30, 20), (30, 20), [255, 255, 255]));
        assert!(of(Path::new("nowhere.png"), 60).is_none());
    }
}
