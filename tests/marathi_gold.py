"""Meanings and their Marathi, translated by hand, for test_corpora_marathi.py."""

from scratchnet.data.corpora.meaning import Adjunct, Clause
from scratchnet.data.corpora.meaning import Nominal as N


def many(noun: str, determiner: str = "the", adjective: str = "") -> N:
    """Return a plural nominal."""
    return N(noun, determiner, adjective, plural=True)


def at(relation: str, noun: str, determiner: str = "the", adjective: str = "") -> Adjunct:
    """Return a place or company."""
    return Adjunct(relation, N(noun, determiner, adjective))


GOLD: list[tuple[Clause, str]] = [
    (Clause("read", N("sita"), N("book", "the", "red")), "सीता लाल पुस्तक वाचते."),
    (Clause("read", N("ravi"), N("book", "his")), "रवी आपले पुस्तक वाचतो."),
    (Clause("read", N("sita"), N("book", "his")), "सीता त्याचे पुस्तक वाचते."),
    (Clause("read", N("i"), N("book", "my")), "मी माझे पुस्तक वाचतो."),
    (Clause("eat", many("girl"), many("egg", ""), negative=True), "मुली अंडी खात नाहीत."),
    (Clause("work", many("farmer", "five"), adjunct=at("in", "jaipur", "")), "पाच शेतकरी जयपुरात काम करतात."),
    (Clause("eat", N("ravi"), N("bread", "the"), tense="past"), "रवीने पोळी खाल्ली."),
    (Clause("eat", N("ravi"), many("mango"), tense="past"), "रवीने आंबे खाल्ले."),
    (Clause("eat", N("dog", "the"), N("food", "the"), tense="past"), "कुत्र्याने अन्न खाल्ले."),
    (Clause("read", N("i"), many("book", "this"), time="yesterday", tense="past"), "मी काल ही पुस्तके वाचली."),
    (Clause("open", many("boy"), many("window"), tense="past"), "मुलांनी खिडक्या उघडल्या."),
    (Clause("see", N("girl", "the"), N("arjun"), tense="past"), "मुलीने अर्जुनला पाहिले."),
    (Clause("write", N("you"), N("letter", "a"), tense="past", addressee="son"), "बाळा, तू एक पत्र लिहिलेस."),
    (Clause("clean", N("they"), N("car", "a"), tense="past", negative=True), "त्यांनी गाडी स्वच्छ केली नाही."),
    (Clause("drink", N("you"), N("milk"), tense="past", addressee="daughter"), "मुली, तू दूध प्यायलीस."),
    (
        Clause("drink", N("cat", "the", "white"), N("water", "the"), tense="past", negative=True),
        "पांढरे मांजर पाणी प्यायले नाही.",
    ),
    (Clause("talk", many("brother", "my"), N("man", "the", "tall"), tense="past"), "माझे भाऊ उंच माणसाशी बोलले."),
    (Clause("miss", N("they"), N("mother", "their"), tense="past"), "त्यांना आपल्या आईची आठवण आली."),
    (Clause("love", N("doctor", "the"), N("she"), tense="past"), "डॉक्टर तिच्यावर प्रेम करत होता."),
    (
        Clause("live", N("we"), adjunct=at("near", "river", "the", "small"), tense="past"),
        "आम्ही लहान नदीजवळ राहत होतो.",
    ),
    (
        Clause("go", N("father", "my"), adjunct=at("to", "delhi", ""), time="yesterday", tense="past"),
        "माझे वडील काल दिल्लीला गेले.",
    ),
    (Clause("come", N("sister", "her"), adjunct=at("from", "station"), tense="past"), "तिची बहीण स्टेशनवरून आली."),
    (
        Clause("come", N("you"), adjunct=at("from", "market"), tense="past", addressee="madam"),
        "मॅडम, तुम्ही बाजारातून आलात.",
    ),
    (
        Clause("go", N("you"), adjunct=at("to", "office"), tense="past", negative=True, addressee="sir"),
        "साहेब, तुम्ही कार्यालयात गेला नाहीत.",
    ),
    (
        Clause("go", N("you"), adjunct=at("with", "they", ""), tense="past", question="yes-no", addressee="sister"),
        "ताई, तुम्ही त्यांच्याबरोबर गेलात का?",
    ),
    (Clause("clean", N("we"), many("room"), tense="progressive"), "आम्ही खोल्या स्वच्छ करत आहोत."),
    (
        Clause("read", N("he"), N("newspaper", "a"), time="now", tense="progressive", negative=True),
        "तो आता वर्तमानपत्र वाचत नाही आहे.",
    ),
    (
        Clause("sleep", N("meera"), adjunct=at("in", "room", "her"), tense="progressive", question="yes-no"),
        "मीरा आपल्या खोलीत झोपली आहे का?",
    ),
    (Clause("sleep", many("child"), tense="progressive", negative=True), "मुले झोपलेली नाहीत."),
    (Clause("go", N("i"), adjunct=at("to", "home", ""), time="tomorrow", tense="future"), "मी उद्या घरी जाईन."),
    (
        Clause("give", N("you"), N("key", "the"), N("she"), tense="future", addressee="friend"),
        "मित्रा, तू तिला किल्ली देशील.",
    ),
    (Clause("buy", N("they"), N("rice"), tense="future", negative=True), "ते तांदूळ विकत घेणार नाहीत."),
    (
        Clause("repair", N("geeta"), N("chair", "the"), tense="can", question="yes-no"),
        "गीता खुर्ची दुरुस्त करू शकते का?",
    ),
    (Clause("sleep", N("i"), time="at night", tense="can", negative=True), "मी रात्री झोपू शकत नाही."),
    (Clause("clean", N("who"), N("car", "his"), tense="past", question="who"), "स्वतःची गाडी कोणी स्वच्छ केली?"),
    (
        Clause("wait", N("who"), N("doctor", "the"), adjunct=at("at", "station"), tense="progressive", question="who"),
        "स्टेशनवर डॉक्टरची वाट कोण पाहत आहे?",
    ),
    (
        Clause("help", N("mother", "your"), many("farmer"), tense="progressive", question="why"),
        "तुमची आई शेतकऱ्यांना मदत का करत आहे?",
    ),
    (Clause("live", N("you"), question="where", addressee="son"), "बाळा, तू कुठे राहतोस?"),
    (
        Clause("come", many("student"), adjunct=at("to", "school", ""), tense="future", question="when"),
        "विद्यार्थी शाळेत कधी येतील?",
    ),
    (Clause("prepare", N("she"), N("tea", "the"), question="how"), "ती चहा कसा तयार करते?"),
    (
        Clause("buy", N("ravi"), many("apple", "how many"), tense="past", question="how many"),
        "रवीने किती सफरचंदे विकत घेतली?",
    ),
    (Clause("write", N("woman", "the"), N("what"), tense="past", question="what"), "स्त्रीने काय लिहिले?"),
    (Clause("be", N("house", "this"), quality="big", very=True, question="yes-no"), "हे घर खूप मोठे आहे का?"),
    (Clause("be", N("house", "the"), quality="big", very=True, negative=True), "घर फार मोठे नाही."),
    (Clause("be", N("story", "the"), quality="long"), "गोष्ट मोठी आहे."),
    (Clause("be", N("river", "the"), quality="long"), "नदी लांब आहे."),
    (
        Clause("be", N("door", "the", plural=True, of=N("house", "that")), quality="green", tense="past"),
        "त्या घराची दारे हिरवी होती.",
    ),
    (Clause("be", N("anita"), quality="hungry", very=True), "अनिताला खूप भूक लागली आहे."),
    (Clause("be", N("anita"), identity=N("teacher", "a", "good")), "अनिता चांगली शिक्षिका आहे."),
    (
        Clause("be", N("you"), identity=N("teacher", "a", "good"), addressee="madam"),
        "मॅडम, तुम्ही चांगल्या शिक्षिका आहात.",
    ),
    (Clause("be", N("this", plural=True), identity=many("sister", "my")), "या माझ्या बहिणी आहेत."),
    (Clause("be", N("that"), identity=N("dog", "a"), negative=True), "तो कुत्रा नाही."),
    (Clause("be", N("this"), identity=N("umbrella", "a", "new")), "ही एक नवी छत्री आहे."),
    (
        Clause("be", N("that", plural=True), identity=many("chair", "whose"), question="whose"),
        "त्या खुर्च्या कोणाच्या आहेत?",
    ),
    (Clause("be", many("man", "this"), identity=N("who"), question="who"), "ही माणसे कोण आहेत?"),
    (Clause("be", many("key"), tense="past", question="where"), "किल्ल्या कुठे होत्या?"),
    (Clause("be", N("you"), question="how", addressee="madam"), "मॅडम, तुम्ही कशा आहात?"),
    (Clause("exist", many("cup", "two"), adjunct=at("on", "table")), "टेबलावर दोन कप आहेत."),
    (Clause("exist", N("cow", "a"), adjunct=at("in", "village"), tense="past", negative=True), "गावात गाय नव्हती."),
    (Clause("have", N("i"), N("shirt", "a", "blue")), "माझ्याकडे एक निळा शर्ट आहे."),
    (Clause("have", N("mohan"), N("brother", "a"), question="yes-no"), "मोहनला भाऊ आहे का?"),
    (Clause("have", N("meera"), many("book", "how many"), question="how many"), "मीराकडे किती पुस्तके आहेत?"),
    (Clause("want", N("ravi"), N("banana", "a", "sweet")), "रवीला एक गोड केळे हवे आहे."),
    (Clause("want", N("we"), N("tea"), tense="past", negative=True), "आम्हाला चहा नको होता."),
    (Clause("like", N("she"), many("song", "", "old")), "तिला जुनी गाणी आवडतात."),
    (Clause("like", N("who"), N("poem", "this"), question="who"), "ही कविता कोणाला आवडते?"),
]
