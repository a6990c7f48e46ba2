"""The Marathi words: nouns with gender and stems, adjectives, pronouns in their cases, postpositions.

A noun has four forms: the singular, the oblique stem that takes the case endings (शाळा, शाळे-: शाळेत), the plural and
its oblique stem (शाळां-). Spelling: the written standard in े (मोठे, not मोठं), ऱ before य (पांढऱ्या), no zero-width
joiners. All words are in Unicode normalization form C.

Read next: ../../../translation/__init__.py.
"""

from dataclasses import dataclass
from typing import Literal
from unicodedata import normalize

from scratchnet.data.corpora.language import word_list
from scratchnet.data.corpora.lemmas import NAMES

Gender = Literal["m", "f", "n"]


@dataclass(frozen=True, slots=True)
class Noun:
    """Hold the forms of a noun.

    Args:
        gender: "m", "f" or "n".
        singular: the direct form.
        oblique: the stem before case endings in the singular.
        plural: the direct plural.
        oblique_plural: the stem before case endings in the plural.
    """

    gender: Gender
    singular: str
    oblique: str
    plural: str
    oblique_plural: str


def _nouns(text: str) -> dict[str, Noun]:
    """Return lemma -> noun of lines such as "school f शाळा शाळे शाळा शाळां"."""
    genders: dict[str, Gender] = {"m": "m", "f": "f", "n": "n"}
    rows = (line.split() for line in normalize("NFC", text).strip().splitlines())
    return {lemma: Noun(genders[gender], *forms) for lemma, gender, *forms in rows}


NOUNS: dict[str, Noun] = _nouns(
    """
    boy m मुलगा मुला मुलगे मुलां
    girl f मुलगी मुली मुली मुलीं
    man m माणूस माणसा माणसे माणसां
    woman f स्त्री स्त्री स्त्रिया स्त्रियां
    child n मूल मुला मुले मुलां
    teacher m शिक्षक शिक्षका शिक्षक शिक्षकां
    doctor m डॉक्टर डॉक्टर डॉक्टर डॉक्टरां
    farmer m शेतकरी शेतकऱ्या शेतकरी शेतकऱ्यां
    student m विद्यार्थी विद्यार्थ्या विद्यार्थी विद्यार्थ्यां
    father m वडील वडिलां वडील वडिलां
    mother f आई आई आया आयां
    brother m भाऊ भावा भाऊ भावां
    sister f बहीण बहिणी बहिणी बहिणीं
    son m मुलगा मुला मुलगे मुलां
    daughter f मुलगी मुली मुली मुलीं
    friend m मित्र मित्रा मित्र मित्रां
    dog m कुत्रा कुत्र्या कुत्रे कुत्र्यां
    cat n मांजर मांजरा मांजरे मांजरां
    cow f गाय गायी गायी गायीं
    horse m घोडा घोड्या घोडे घोड्यां
    bird m पक्षी पक्ष्या पक्षी पक्ष्यां
    mango m आंबा आंब्या आंबे आंब्यां
    apple n सफरचंद सफरचंदा सफरचंदे सफरचंदां
    banana n केळे केळ्या केळी केळ्यां
    egg n अंडे अंड्या अंडी अंड्यां
    rice m भात भाता भात भातां
    bread f पोळी पोळी पोळ्या पोळ्यां
    food n जेवण जेवणा जेवणे जेवणां
    tea m चहा चहा चहा चहां
    water n पाणी पाण्या पाणी पाण्यां
    milk n दूध दुधा दुधे दुधां
    coffee f कॉफी कॉफी कॉफ्या कॉफ्यां
    juice m रस रसा रस रसां
    book n पुस्तक पुस्तका पुस्तके पुस्तकां
    letter n पत्र पत्रा पत्रे पत्रां
    newspaper n वर्तमानपत्र वर्तमानपत्रा वर्तमानपत्रे वर्तमानपत्रां
    story f गोष्ट गोष्टी गोष्टी गोष्टीं
    poem f कविता कविते कविता कवितां
    song n गाणे गाण्या गाणी गाण्यां
    chair f खुर्ची खुर्ची खुर्च्या खुर्च्यां
    table n टेबल टेबला टेबले टेबलां
    box f पेटी पेटी पेट्या पेट्यां
    clock n घड्याळ घड्याळा घड्याळे घड्याळां
    picture n चित्र चित्रा चित्रे चित्रां
    cup m कप कपा कप कपां
    plate n ताट ताटा ताटे ताटां
    car f गाडी गाडी गाड्या गाड्यां
    bicycle f सायकल सायकली सायकली सायकलीं
    bag f पिशवी पिशवी पिशव्या पिशव्यां
    umbrella f छत्री छत्री छत्र्या छत्र्यां
    key f किल्ली किल्ली किल्ल्या किल्ल्यां
    toy n खेळणे खेळण्या खेळणी खेळण्यां
    flower n फूल फुला फुले फुलां
    phone m फोन फोन फोन फोनां
    shirt m शर्ट शर्टा शर्ट शर्टां
    door n दार दारा दारे दारां
    window f खिडकी खिडकी खिडक्या खिडक्यां
    house n घर घरा घरे घरां
    home n घर घरा घरे घरां
    room f खोली खोली खोल्या खोल्यां
    shop n दुकान दुकाना दुकाने दुकानां
    garden f बाग बागे बागा बागां
    kitchen n स्वयंपाकघर स्वयंपाकघरा स्वयंपाकघरे स्वयंपाकघरां
    city n शहर शहरा शहरे शहरां
    village n गाव गावा गावे गावां
    river f नदी नदी नद्या नद्यां
    temple n मंदिर मंदिरा मंदिरे मंदिरां
    tree n झाड झाडा झाडे झाडां
    school f शाळा शाळे शाळा शाळां
    hospital n रुग्णालय रुग्णालया रुग्णालये रुग्णालयां
    office n कार्यालय कार्यालया कार्यालये कार्यालयां
    station n स्टेशन स्टेशन स्टेशने स्टेशनां
    market m बाजार बाजारा बाजार बाजारां
    delhi f दिल्ली दिल्ली दिल्ली दिल्ली
    mumbai f मुंबई मुंबई मुंबई मुंबई
    jaipur n जयपूर जयपूर जयपूर जयपूर
    """
) | {
    lemma: Noun(NAMES[lemma], name, name, name, name)
    for lemma, name in word_list(
        "ravi रवी, mohan मोहन, arjun अर्जुन, amit अमित, sita सीता, meera मीरा, geeta गीता, anita अनिता"
    ).items()
}
"""Lemma -> noun. Names of people keep their form before endings (सीताने), as is usual today."""
OF_WOMEN: dict[str, Noun] = _nouns(
    """
    teacher f शिक्षिका शिक्षिके शिक्षिका शिक्षिकां
    student f विद्यार्थिनी विद्यार्थिनी विद्यार्थिनी विद्यार्थिनीं
    doctor f डॉक्टर डॉक्टर डॉक्टर डॉक्टरां
    farmer f शेतकरी शेतकऱ्या शेतकरी शेतकऱ्यां
    friend f मैत्रीण मैत्रिणी मैत्रिणी मैत्रिणीं
    """
)
"""What these are called when said of a woman."""
OF_ANIMALS = Noun("n", "अन्न", "अन्ना", "अन्ने", "अन्नां")
"""What animals eat; people eat जेवण, a meal."""
RAW_RICE = Noun("m", "तांदूळ", "तांदळा", "तांदूळ", "तांदळां")
"""Rice in the shop; cooked, it is भात."""
NEUTER_PLURALS = frozenset({"man"})
"""Masculine nouns whose plural is neuter (तो माणूस, ती माणसे)."""
HONOURED = frozenset({"father"})
"""They always take the plural of respect."""

ADJECTIVES = word_list(
    """big मोठा, large मोठा, small लहान, good चांगला, new नवा, old जुना, beautiful सुंदर, cheap स्वस्त, expensive महाग,
    costly महाग, red लाल, white पांढरा, black काळा, yellow पिवळा, blue निळा, green हिरवा, fresh ताजा, hot गरम,
    cold थंड, sweet गोड, clean स्वच्छ, long लांब, short छोटा, tall उंच, happy आनंदी, sad दुःखी, ill आजारी,
    sick आजारी, busy व्यस्त, ready तयार"""
)
"""Those that end in ा agree, the others never change. Hunger is not said with an adjective (मला भूक लागली आहे)."""
LONG_TEXT = "मोठा"
"""Long, of what one reads or sings; लांब is long to measure."""

DETERMINERS = word_list("two दोन, three तीन, four चार, five पाच, many अनेक, how_many किती")
TIMES = word_list(
    """every_day रोज, daily दररोज, in_the_morning सकाळी, in_the_evening संध्याकाळी, at_night रात्री, now आता, today आज,
    yesterday काल, tomorrow उद्या"""
)
QUESTIONS = word_list("where कुठे, when कधी, why का")
ADDRESSEES = word_list("sir साहेब, madam मॅडम, brother दादा, friend मित्रा, sister ताई, son बाळा, daughter मुली")

Gendered = dict[tuple[Gender, bool], str]
GENDERS: tuple[Gender, ...] = ("m", "f", "n")


def _gendered(words: str) -> Gendered:
    """Return gender and plural -> form of six words: m, f, n in the singular, then in the plural."""
    return dict(zip([(g, plural) for plural in (False, True) for g in GENDERS], words.split(), strict=True))


ENDINGS: Gendered = _gendered("ा ी े े ्या ी")
"""The endings of all that agrees in gender and number."""
DEMONSTRATIVES: dict[str, Gendered] = {"this": _gendered("हा ही हे हे या ही"), "that": _gendered("तो ती ते ते त्या ती")}
OBLIQUE_DEMONSTRATIVES = word_list("this या, that त्या")
HOW: Gendered = _gendered("कसा कशी कसे कसे कशा कशी")

PRONOUNS = word_list("i मी, we आम्ही, he तो, she ती, they ते, who कोण, what काय")
AGENTS = word_list("मी मी, आम्ही आम्ही, तू तू, तुम्ही तुम्ही, तो त्याने, ती तिने, ते त्यांनी, कोण कोणी")
DATIVES = word_list("मी मला, आम्ही आम्हाला, तू तुला, तुम्ही तुम्हाला, तो त्याला, ती तिला, ते त्यांना, कोण कोणाला")
GENITIVES = word_list("मी माझा, आम्ही आमचा, तू तुझा, तुम्ही तुमचा, तो त्याचा, ती तिचा, ते त्यांचा, कोण कोणाचा")
"""Pronoun as a subject -> with ने, with ला, as a possessive (it agrees like an adjective)."""
OWN = "आपला"
OWN_OF_WHOM = "स्वतःचा"
"""His own, her own, their own; in front of its owner, which the word for "who?" then is, only the second is clear."""

RELATIONS = word_list("in त, at त, to त, from तून, on वर, near जवळ, under खाली, behind मागे, with बरोबर")
TOWNS = frozenset({"delhi", "mumbai", "jaipur", "village"})
AT_TOWN = word_list("to ला, from हून")
AT_STATION = word_list("in वर, at वर, to वर, from वरून")
AT_HOME = word_list("in घरी, at घरी, to घरी, from घरून")
LOCATIVES = word_list("jaipur जयपुरा")
"""Stems before त that are not the usual oblique."""
PLACES = word_list("here इथे, there तिथे")
