"""Makes functions/file-processor/fixtures/pictures: pictures as other programs write them, and the colours in which those show them.

    python3 -m venv target/pictures && . target/pictures/bin/activate
    pip install --require-hashes -r tests/pictures/requirements.txt
    python tests/pictures/generate.py

Each picture is three by two patches of 32 pixels. `shown.json` has, for each file, the colours that the patches have on a
screen of sRGB: by libjpeg-turbo, Pillow and LittleCMS, and where light is brighter than such a screen by colour-science.
"""

import io
import json
import pathlib
import struct
import zlib

import colour
import imagecodecs
import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

FIXTURES = pathlib.Path(__file__).parents[2] / "functions/file-processor/fixtures/pictures"
SIDE = 32

# Red, green and blue of the patches; and inks, in 255ths.
LIGHT = [(200, 100, 50), (60, 160, 90), (120, 120, 120), (30, 40, 200), (255, 255, 255), (16, 12, 20)]
INK = [(20, 180, 200, 10), (190, 30, 160, 40), (0, 0, 0, 130), (230, 200, 10, 20), (0, 0, 0, 0), (120, 110, 100, 200)]

shown = {}


def patches(colours, dtype=np.uint8):
    rows = [np.concatenate([np.full((SIDE, SIDE, len(c)), c, dtype) for c in row], 1) for row in (colours[:3], colours[3:])]
    return np.concatenate(rows, 0)


def middles(picture):
    array = np.asarray(picture)
    return [[int(v) for v in array[SIDE // 2 + SIDE * (i // 3), SIDE // 2 + SIDE * (i % 3)]] for i in range(6)]


def keep(name, data, colours):
    (FIXTURES / name).write_bytes(data)
    shown[name] = colours


def profile(space, tags, pcs=b"XYZ ", version=b"\x02\x40"):
    """An ICC profile of these tags."""
    body, table, places = b"", b"", {}
    for name, data in tags:
        at = places.get(data, 132 + 12 * len(tags) + len(body))
        if data not in places:
            places[data] = at
            body += data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", at, len(data))
    header = bytearray(128)
    header[8:10], header[12:16], header[16:20], header[20:24] = version, b"prtr" if space == b"CMYK" else b"mntr", space, pcs
    header[36:40], header[68:80] = b"acsp", struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D)
    whole = bytes(header) + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


def text(words):
    return b"desc" + bytes(4) + struct.pack(">I", len(words) + 1) + words + bytes(79)


def xyz(values):
    return b"XYZ " + bytes(4) + struct.pack(">iii", *(round(v * 65536) for v in values))


D50 = (0.9642, 1.0, 0.8249)
LINES = 4


def press():
    """A press, plainly: each ink takes its part of the light, and a grid of the colours that remain, as Lab."""
    inks = np.array([[0.05, 0.40, 0.80], [0.75, 0.05, 0.25], [0.90, 0.80, 0.08], [0.03, 0.03, 0.03]])
    steps = np.linspace(0, 1, LINES)
    grid = np.array(np.meshgrid(steps, steps, steps, steps, indexing="ij")).reshape(4, -1).T
    rgb = np.prod(1 - grid[:, :, None] * (1 - inks[None]), axis=1)
    matrix = adapted(colour.normalised_primary_matrix(np.array(SRGB), np.array(D65)), D65)
    lab = colour.XYZ_to_Lab(rgb @ matrix.T, colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D50"])
    coded = np.stack([lab[:, 0] * 652.8, (lab[:, 1] + 128) * 256, (lab[:, 2] + 128) * 256], 1)
    coded = np.clip(np.round(coded), 0, 65535).astype(">u2")
    line = struct.pack(">HH", 0, 65535)
    table = b"mft2" + bytes(4) + bytes([4, 3, LINES, 0])
    table += struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536) + struct.pack(">HH", 2, 2)
    table += line * 4 + coded.tobytes() + line * 3
    tags = [(b"desc", text(b"a press")), (b"wtpt", xyz(D50)), (b"A2B0", table)]
    return profile(b"CMYK", tags, b"Lab ")


def curve(gamma):
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))


def sampled(function):
    values = np.round(np.clip(function(np.linspace(0, 1, 4096)), 0, 1) * 65535).astype(">u2")
    return b"curv" + bytes(4) + struct.pack(">I", 4096) + values.tobytes()


def srgb_curve():
    return sampled(colour.models.eotf_sRGB)


def adapted(matrix, white):
    """To D50, as ICC has it."""
    white, d50 = colour.xy_to_XYZ(white), np.array(D50)
    return colour.adaptation.matrix_chromatic_adaptation_VonKries(white, d50, transform="Bradford") @ matrix


def rgb_profile(primaries, white, trc):
    """Of chromaticities."""
    matrix = adapted(colour.normalised_primary_matrix(np.array(primaries), np.array(white)), white)
    tags = [(b"desc", text(b"p")), (b"wtpt", xyz(D50))]
    for name, column in zip((b"r", b"g", b"b"), matrix.T):
        tags += [(name + b"XYZ", xyz(column)), (name + b"TRC", trc)]
    return profile(b"RGB ", tags)


def by_littlecms(picture, icc):
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    return middles(ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"))


def jpegs():
    picture = Image.fromarray(patches(INK), "CMYK")
    for name, icc in (("cmyk.jpg", None), ("cmyk_profile.jpg", press())):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=95, icc_profile=icc)
        again = Image.open(io.BytesIO(file.getvalue()))
        keep(name, file.getvalue(), by_littlecms(again, icc) if icc else middles(again.convert("RGB")))
    for name, inks in (("ycck.jpg", "YCCK"), ("cmyk_plain.jpg", "CMYK")):
        # Adobe's convention, which every viewer follows: what is stored is the light, not the ink.
        data = imagecodecs.jpeg8_encode(255 - patches(INK), level=95, colorspace="CMYK", outcolorspace=inks)
        keep(name, data, middles(Image.open(io.BytesIO(data)).convert("RGB")))
    # RGB without a change of colours, as Adobe's mark tells. Its components have the usual numbers.
    data = bytearray(imagecodecs.jpeg8_encode(patches(LIGHT), level=95, colorspace="RGB", outcolorspace="RGB"))
    frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    for number in range(3):
        data[frame + 10 + 3 * number] = data[scan + 5 + 2 * number] = number + 1
    adobe = b"\xff\xee" + struct.pack(">H", 14) + b"Adobe\0d\0\0\0\0\0"
    if b"Adobe" not in data:
        data[2:2] = adobe
    keep("adobe_rgb_components.jpg", bytes(data), middles(Image.open(io.BytesIO(bytes(data)))))


def png(array, chunks):
    info = PngImagePlugin.PngInfo()
    for name, body in chunks:
        info.add(name, body)
    file = io.BytesIO()
    if array.dtype == np.uint16:
        plain = imagecodecs.png_encode(array)
        extra = b"".join(chunk(name, body) for name, body in chunks)
        return plain[:33] + extra + plain[33:]
    Image.fromarray(array).save(file, "PNG", pnginfo=info)
    return file.getvalue()


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


SRGB = [(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)]
P3 = [(0.680, 0.320), (0.265, 0.690), (0.150, 0.060)]
ADOBE = [(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)]
BT2020 = [(0.708, 0.292), (0.170, 0.797), (0.131, 0.046)]
D65 = (0.3127, 0.3290)


def gamma(value):
    return b"gAMA", struct.pack(">I", value)


def chromaticities(primaries, white=D65):
    return b"cHRM", struct.pack(">8I", *(round(v * 100_000) for pair in [white, *primaries] for v in pair))


def pngs():
    eight = patches(LIGHT)
    deep = patches([tuple(v * 257 for v in c) for c in LIGHT], np.uint16)
    picture = Image.fromarray(eight)
    plain = middles(picture)
    keep("gama_srgb.png", png(eight, [gamma(45455), chromaticities(SRGB)]), plain)
    keep("gama_1_8.png", png(eight, [gamma(55556)]), by_littlecms(picture, rgb_profile(SRGB, D65, curve(1.8))))
    linear = by_littlecms(picture, rgb_profile(SRGB, D65, curve(1.0)))
    keep("gama_linear.png", png(eight, [gamma(100000)]), linear)
    keep("gama_linear_16.png", png(deep, [gamma(100000)]), linear)
    adobe = by_littlecms(picture, rgb_profile(ADOBE, D65, curve(563 / 256)))
    keep("chrm_adobe.png", png(eight, [gamma(45455), chromaticities(ADOBE)]), adobe)
    p3 = by_littlecms(picture, rgb_profile(P3, D65, srgb_curve()))
    # What is said more exactly goes first: cICP, then iCCP, sRGB, and the numbers.
    keep("cicp_p3.png", png(eight, [(b"cICP", b"\x0c\x0d\0\1"), (b"sRGB", b"\0"), gamma(100000)]), p3)
    keep("cicp_srgb.png", png(eight, [(b"cICP", b"\1\x0d\0\1"), gamma(100000)]), plain)
    keep("srgb.png", png(eight, [(b"sRGB", b"\0"), gamma(100000), chromaticities(ADOBE)]), plain)
    # Not RGB: no PNG is so, and it is passed over.
    keep("cicp_wrong.png", png(eight, [(b"cICP", b"\x0c\x0d\1\1")]), plain)
    narrow = patches([tuple(round((16 + v * 219 / 255) * 256) for v in c) for c in LIGHT], np.uint16)
    keep("cicp_narrow_16.png", png(narrow, [(b"cICP", b"\1\x0d\0\0")]), plain)
    gray = patches([(v,) for v in (0, 60, 120, 180, 220, 255)])[:, :, 0]
    grays = by_littlecms(Image.fromarray(gray).convert("RGB"), rgb_profile(SRGB, D65, curve(1.8)))
    keep("gama_gray.png", png(gray, [gamma(55556)]), grays)
    # Transparency is laid on white in the colours of the screen.
    half = np.dstack([patches([(0, 0, 0)] * 3 + [(255, 255, 255)] * 3), np.full((2 * SIDE, 3 * SIDE), 128, np.uint8)])
    keep("gama_transparent.png", png(half, [gamma(100000)]), [[127] * 3] * 3 + [[255] * 3] * 3)


# The white of a page in the standards of HDR, and the brightest light that most pictures of them are made for.
WHITE, BRIGHTEST = 203.0, 1000.0


def dimmed(nits):
    """Reinhard's curve, extended so that the brightest light becomes white."""
    x, most = nits / WHITE, BRIGHTEST / WHITE
    return np.clip(x * (1 + x / most**2) / (1 + x), 0, 1)


def hdr():
    nits = np.array([(0.1, 1, 5), (20, 60, 100), (203, 203, 203), (400, 100, 50), (1000, 1000, 1000), (4000, 4000, 4000)])
    kinds = {
        "cicp_pq_16.png": (b"\x09\x10\0\1", colour.models.eotf_inverse_ST2084, nits),
        "cicp_hlg_16.png": (
            b"\x09\x12\0\1",
            lambda light: colour.models.oetf_BT2100_HLG((light / BRIGHTEST) ** (1 / 1.2)),
            np.minimum(nits, BRIGHTEST),
        ),
    }
    for name, (said, coded, light) in kinds.items():
        values = np.round(coded(light) * 65535).astype(int)
        # The curve goes first, and then the colours: as they are on a screen of BT.2020 with the curve of sRGB.
        screen = np.round(colour.models.eotf_inverse_sRGB(dimmed(light)) * 255).astype(np.uint8)
        picture = Image.fromarray(patches([tuple(c) for c in screen]))
        expected = by_littlecms(picture, rgb_profile(BT2020, D65, srgb_curve()))
        keep(name, png(patches([tuple(c) for c in values], np.uint16), [(b"cICP", said)]), expected)


def webps():
    picture = Image.fromarray(patches(LIGHT))
    for name, options in (("lossy.webp", {"quality": 90}), ("lossless.webp", {"lossless": True})):
        file = io.BytesIO()
        picture.save(file, "WEBP", **options)
        keep(name, file.getvalue(), middles(Image.open(io.BytesIO(file.getvalue())).convert("RGB")))
    file = io.BytesIO()
    other = Image.fromarray(patches(LIGHT[::-1]))
    picture.save(file, "WEBP", save_all=True, append_images=[other], duration=500, lossless=True)
    keep("animated.webp", file.getvalue(), middles(picture))
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "a maker of cameras"
    picture.save(file, "WEBP", quality=90, exif=exif)
    keep("exif.webp", file.getvalue(), shown["lossy.webp"])


FIXTURES.mkdir(parents=True, exist_ok=True)
jpegs()
pngs()
hdr()
webps()
lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(shown[name])}" for name in sorted(shown))
(FIXTURES / "shown.json").write_text("{\n" + lines + "\n}\n")
