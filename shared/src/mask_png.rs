//! Masks as PNG in base64, the way the segmentation elements send them (`labeledImage.pngImageData`): every pixel has the
//! exact color of its label, or is transparent.
//!
//! Reading goes row by row into run lengths, so that an image costs one row and its runs, however far it inflates; the
//! number of pixels, colors and runs is bounded. Palettes, gray, RGB and RGBA of any bit depth are understood. Interlaced
//! images are not: no browser writes them, and their rows come in no order that runs could follow. Writing uses a palette
//! wherever one is large enough, with fixed settings: the same map gives the same bytes.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use serde::{Serialize, Serializer};

use crate::geometry::mask::{ImageSize, LabelMap, MAX_RUNS, MaskError};

/// The longest text that is read, in bytes.
const LONGEST_TEXT: usize = 64 << 20;

/// The most memory that a PNG's chunks may take while it is read, in bytes.
const MAX_CHUNK_BYTES: usize = 64 << 20;

/// The most colors a mask may have: a picture has more.
const MAX_COLORS: usize = 4_096;

/// With or without padding: scripts differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A color as red, green and blue, written `#1f77b4`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Color(pub [u8; 3]);

impl Color {
    /// What Ground Truth paints the background with.
    pub const WHITE: Self = Self([255; 3]);

    /// Reads `#1f77b4` or the short form `#17b`, in upper or lower case, with or without `#`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().trim_start_matches('#');
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        match digits.len() {
            6 => Some(Self([(number >> 16) as u8, (number >> 8) as u8, number as u8])),
            3 => Some(Self([8, 4, 0].map(|shift| (number >> shift & 15) as u8 * 17))),
            _ => None,
        }
    }

    /// A color for the mark with this number: unlike that of any other number below two million, far from those of small
    /// numbers, and neither black nor white. The bits of the number, the lowest first, become the highest bits of red,
    /// green and blue in turn.
    pub fn numbered(number: usize) -> Self {
        let mut channels = [0_u8; 3];
        for bit in 0..21 {
            channels[bit % 3] |= ((((number + 1) >> bit) & 1) as u8) << (7 - bit / 3);
        }
        Self(channels)
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Serialize for Color {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The colors of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColorMap {
    /// Class `n` has color `n - 1`; class 0 is what is transparent.
    pub map: LabelMap,
    /// Every color once, in the order in which they first appear.
    pub colors: Vec<Color>,
}

/// Reads a PNG in base64; a `data:` URL is understood too. A pixel that is more than half transparent has no color.
///
/// # Errors
/// [`MaskPngError`]; it never quotes the text.
pub fn read(text: &str) -> Result<ColorMap, MaskPngError> {
    if text.len() > LONGEST_TEXT {
        return Err(MaskPngError::TooLong);
    }
    let text = if text.starts_with("data:") { text.split_once(',').map_or("", |(_, data)| data) } else { text };
    let bytes = BASE64.decode(text.trim()).map_err(|_| MaskPngError::NotBase64)?;
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MAX_CHUNK_BYTES });
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let mut reader = decoder.read_info().map_err(|_| MaskPngError::NotPng)?;
    let size = ImageSize::new(reader.info().width, reader.info().height)?;
    if reader.info().interlaced {
        return Err(MaskPngError::Interlaced);
    }
    let (color_type, _) = reader.output_color_type();
    let mut palette = Palette::default();
    let mut runs: Vec<(u16, u32)> = Vec::new();
    let n_samples = color_type.samples();
    while let Some(row) = reader.next_row().map_err(|_| MaskPngError::NotPng)? {
        let mut rest = row.data();
        while let Some(pixel) = rest.get(..n_samples) {
            let length = rest.chunks_exact(n_samples).take_while(|other| *other == pixel).count();
            let class = palette.class_of(pixel)?;
            match runs.last_mut() {
                Some((last, so_far)) if *last == class => *so_far += length as u32,
                _ => runs.push((class, length as u32)),
            }
            rest = &rest[length * n_samples..];
        }
        if runs.len() > MAX_RUNS {
            return Err(MaskError::TooManyRuns.into());
        }
    }
    Ok(ColorMap { map: LabelMap::from_runs(size, runs)?, colors: palette.colors })
}

/// Gives colors their classes.
#[derive(Default)]
struct Palette {
    colors: Vec<Color>,
    classes: BTreeMap<Color, u16>,
}

impl Palette {
    /// The class of a pixel given as gray, gray and alpha, RGB, or RGBA.
    fn class_of(&mut self, samples: &[u8]) -> Result<u16, MaskPngError> {
        let (color, alpha) = match *samples {
            [gray] => ([gray; 3], 255),
            [gray, alpha] => ([gray; 3], alpha),
            [red, green, blue] => ([red, green, blue], 255),
            [red, green, blue, alpha] => ([red, green, blue], alpha),
            _ => return Err(MaskPngError::NotPng),
        };
        if alpha < 128 {
            return Ok(LabelMap::BACKGROUND);
        }
        if let Some(class) = self.classes.get(&Color(color)) {
            return Ok(*class);
        }
        if self.colors.len() == MAX_COLORS {
            return Err(MaskPngError::TooManyColors);
        }
        self.colors.push(Color(color));
        let class = self.colors.len() as u16;
        self.classes.insert(Color(color), class);
        Ok(class)
    }
}

/// Writes a label map as a PNG in base64: class `n` in `colors[n]`, beginning with the background; a class beyond the
/// list is background.
pub fn write(map: &LabelMap, colors: &[Color]) -> String {
    // Writing to memory fails only for images larger than any that a label map can have.
    BASE64.encode(encode(map, colors).unwrap_or_default())
}

fn encode(map: &LabelMap, colors: &[Color]) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let (width, height) = (map.size().width(), map.size().height());
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    let is_indexed = (1..=256).contains(&colors.len());
    if is_indexed {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(colors.iter().flat_map(|color| color.0).collect::<Vec<u8>>());
    } else {
        encoder.set_color(png::ColorType::Rgb);
    }
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    // Rows of a mask mostly repeat the row above.
    encoder.set_filter(png::Filter::Up);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    let mut row = Vec::with_capacity(width as usize * 3);
    for (class, span) in map.spans() {
        let class = if usize::from(class) < colors.len() { class } else { LabelMap::BACKGROUND };
        let color = colors.get(usize::from(class)).copied().unwrap_or(Color::WHITE).0;
        let sample = [class as u8];
        let pixel: &[u8] = if is_indexed { &sample } else { &color };
        let (mut left, longest) = (span.len(), width as usize * pixel.len());
        while left > 0 {
            let n = left.min((longest - row.len()) / pixel.len());
            row.extend(std::iter::repeat_n(pixel, n).flatten());
            left -= n;
            if row.len() == longest {
                std::io::Write::write_all(&mut stream, &row)?;
                row.clear();
            }
        }
    }
    stream.finish()?;
    writer.finish()?;
    Ok(bytes)
}

/// Why a text is not a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MaskPngError {
    /// More than 64 MiB of base64.
    #[error("the mask's PNG is longer than 64 MiB of base64")]
    TooLong,
    /// The text is not base64.
    #[error("the mask's PNG is not in base64")]
    NotBase64,
    /// Broken, cut off, or of another format.
    #[error("the mask's PNG cannot be read")]
    NotPng,
    /// The PNG is interlaced, which the decoder does not read.
    #[error("the mask's PNG is interlaced; write it without")]
    Interlaced,
    /// More colors than a mask may have.
    #[error("the mask has more than {MAX_COLORS} colors: it is a picture")]
    TooManyColors,
    /// The image's size or its runs do not make a mask.
    #[error(transparent)]
    Mask(#[from] MaskError),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BLUE: Color = Color([0x1f, 0x77, 0xb4]);

    /// A PNG of the given shape in base64.
    fn png(color: png::ColorType, depth: png::BitDepth, size: (u32, u32), data: &[u8]) -> String {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, size.0, size.1);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == png::ColorType::Indexed {
            encoder.set_palette(vec![255, 255, 255, 0x1f, 0x77, 0xb4]);
            encoder.set_trns(vec![0, 255]);
        }
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(data).expect("image data");
        writer.finish().expect("the end");
        BASE64.encode(bytes)
    }

    fn runs(read: &ColorMap) -> Vec<(u16, u32)> {
        read.map.spans().map(|(class, span)| (class, span.len() as u32)).collect()
    }

    #[test]
    fn every_color_type_says_the_same() {
        use png::{BitDepth, ColorType};
        let check = |png: &str, colors: &[Color], expected: &[(u16, u32)]| {
            let read = read(png).expect("a mask");
            assert_eq!((&read.colors[..], &runs(&read)[..]), (colors, expected));
        };
        let rgb = [255, 255, 255, 0x1f, 0x77, 0xb4, 0x1f, 0x77, 0xb4];
        check(&png(ColorType::Rgb, BitDepth::Eight, (3, 1), &rgb), &[Color::WHITE, BLUE], &[(1, 1), (2, 2)]);
        let rgba = [9, 9, 9, 0, 0x1f, 0x77, 0xb4, 255, 0x1f, 0x77, 0xb4, 200];
        check(&png(ColorType::Rgba, BitDepth::Eight, (3, 1), &rgba), &[BLUE], &[(0, 1), (1, 2)]);
        let rgba = [9, 9, 9, 9, 9, 9, 0, 0, 0x1f, 0, 0x77, 0, 0xb4, 0, 255, 255];
        check(&png(ColorType::Rgba, BitDepth::Sixteen, (2, 1), &rgba), &[BLUE], &[(0, 1), (1, 1)]);
        check(&png(ColorType::Indexed, BitDepth::One, (3, 1), &[0b0110_0000]), &[BLUE], &[(0, 1), (1, 2)]);
        check(
            &png(ColorType::Indexed, BitDepth::Two, (3, 2), &[0b0001_0100, 0b0100_0000]),
            &[BLUE],
            &[(0, 1), (1, 3), (0, 2)],
        );
        check(
            &png(ColorType::Grayscale, BitDepth::One, (2, 1), &[0b0100_0000]),
            &[Color([0; 3]), Color::WHITE],
            &[(1, 1), (2, 1)],
        );
        check(
            &png(ColorType::GrayscaleAlpha, BitDepth::Eight, (2, 1), &[7, 0, 7, 255]),
            &[Color([7; 3])],
            &[(0, 1), (1, 1)],
        );
        let url = format!("data:image/png;base64,{}\n", png(ColorType::Grayscale, BitDepth::Eight, (1, 1), &[0]));
        check(url.trim_end_matches('='), &[Color([0; 3])], &[(1, 1)]);
    }

    #[test]
    fn what_is_no_mask_is_refused() {
        let good = png(png::ColorType::Grayscale, png::BitDepth::Eight, (64, 64), &[7; 4096]);
        let check = |text: &str, expected: MaskPngError| assert_eq!(read(text), Err(expected));
        check("", MaskPngError::NotPng);
        check("no base64!", MaskPngError::NotBase64);
        check("data:image/png;base64", MaskPngError::NotPng);
        check(&BASE64.encode("no PNG"), MaskPngError::NotPng);
        check(&good[..good.len() / 2], MaskPngError::NotPng);
        // The header alone says that the image is too large.
        let mut bytes = BASE64.decode(&good).expect("base64");
        bytes[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        let crc = bytes[12..29].iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
        });
        bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
        check(&BASE64.encode(&bytes), MaskPngError::Mask(MaskError::NoSize { width: 65_536, height: 65_536 }));
        let picture: Vec<u8> = (0..80_u8).flat_map(|x| (0..80).flat_map(move |y| [x, y, 0])).collect();
        check(&png(png::ColorType::Rgb, png::BitDepth::Eight, (80, 80), &picture), MaskPngError::TooManyColors);
    }

    #[test]
    fn colors_are_read_in_every_spelling() {
        for text in ["#1F77b4", "1f77b4", " #1f77b4 "] {
            assert_eq!(Color::parse(text), Some(BLUE), "{text}");
        }
        assert_eq!(Color::parse("#0f8").map(|color| color.to_string()), Some("#00ff88".to_owned()));
        for text in ["", "#", "#12", "#12345", "#1234567", "+12345", "blue"] {
            assert_eq!(Color::parse(text), None, "{text}");
        }
    }

    #[test]
    fn numbered_colors_differ() {
        let colors: std::collections::BTreeSet<Color> = (0..70_000).map(Color::numbered).collect();
        assert_eq!(colors.len(), 70_000);
        assert!(!colors.contains(&Color::WHITE) && !colors.contains(&Color([0; 3])));
        assert_eq!([0, 1, 2].map(|n| Color::numbered(n).to_string()), ["#800000", "#008000", "#808000"]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(pixels in prop::collection::vec(0_u16..4, 1..60), width in 1_u32..8, n_colors in prop::sample::select(vec![4, 300])) {
            let height = pixels.len() as u32 / width;
            prop_assume!(height > 0);
            let size = ImageSize::new(width, height).expect("a size");
            let map = LabelMap::from_runs(size, pixels[..(width * height) as usize].iter().map(|class| (*class, 1)));
            let map = map.expect("a map");
            let colors: Vec<Color> = (0..n_colors).map(Color::numbered).collect();
            let read = read(&write(&map, &colors)).expect("a mask");
            let class_of = |color: Color| colors.iter().position(|one| *one == color).expect("a color") as u16;
            prop_assert_eq!(read.map.recoded(|class| class_of(read.colors[usize::from(class) - 1])), map);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), idx in 0_usize..90, byte: u8) {
            let _ = read(&BASE64.encode(&bytes));
            let mut broken = BASE64.decode(write(&LabelMap::blank(ImageSize::new(9, 9).expect("a size")), &[Color::WHITE])).expect("base64");
            if let Some(one) = broken.get_mut(idx) {
                *one = byte;
            }
            let _ = read(&BASE64.encode(&broken));
        }
    }
}
