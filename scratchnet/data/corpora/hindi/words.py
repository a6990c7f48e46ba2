"""The Hindi words: nouns with their gender, adjectives, verbs with their stems, pronouns in their cases.

Spelling: nukta is always written (ख़, ग़, ज़, फ़, क़, ड़, ढ़), nasal vowels take candrabindu where no sign stands
above the line, नई and गई stand for नयी and गयी. All words are in Unicode normalization form C.

Read next: ../marathi/__init__.py.
"""

from scratchnet.data.corpora.language import word_list
from scratchnet.data.corpora.meaning import Politeness, Sex

MASCULINE = word_list(
    """boy लड़का, man आदमी, child बच्चा, teacher अध्यापक, doctor डॉक्टर, farmer किसान, student छात्र,
    father पिता, brother भाई, son बेटा, friend दोस्त, dog कुत्ता, horse घोड़ा, mango आम, apple सेब,
    banana केला, egg अंडा, rice चावल, food खाना, water पानी, milk दूध, juice जूस, newspaper अख़बार,
    song गाना, box डिब्बा, cup प्याला, bag थैला, umbrella छाता, toy खिलौना, flower फूल, phone फ़ोन,
    door दरवाज़ा, house घर, home घर, room कमरा, garden बग़ीचा, city शहर, village गाँव, temple मंदिर,
    tree पेड़, school स्कूल, hospital अस्पताल, office दफ़्तर, station स्टेशन, market बाज़ार,
    mumbai मुंबई, jaipur जयपुर, ravi रवि, mohan मोहन, arjun अर्जुन, amit अमित"""
)
FEMININE = word_list(
    """girl लड़की, woman औरत, mother माँ, sister बहन, daughter बेटी, cat बिल्ली, cow गाय, bird चिड़िया,
    bread रोटी, tea चाय, coffee कॉफ़ी, book किताब, letter चिट्ठी, story कहानी, poem कविता,
    chair कुर्सी, table मेज़, picture तस्वीर, shirt क़मीज़, plate थाली, car गाड़ी, bicycle साइकिल,
    key चाबी, window खिड़की, shop दुकान, kitchen रसोई, river नदी, delhi दिल्ली, sita सीता,
    meera मीरा, geeta गीता, anita अनीता"""
)
OF_WOMEN = word_list("teacher अध्यापिका, student छात्रा")
"""What these are called when said of a woman; the others keep their word."""
HONOURED = frozenset({"father", "mother"})
"""They take the plural of respect."""

ADJECTIVES = word_list(
    """big बड़ा, large बड़ा, small छोटा, good अच्छा, new नया, old पुराना, beautiful सुंदर, cheap सस्ता,
    expensive महँगा, red लाल, white सफ़ेद, black काला, yellow पीला, blue नीला, green हरा,
    fresh ताज़ा, hot गरम, cold ठंडा, sweet मीठा, clean साफ़, long लंबा, short छोटा, tall लंबा,
    happy ख़ुश, sad उदास, ill बीमार, sick बीमार, busy व्यस्त, ready तैयार, hungry भूखा"""
)
"""Those that end in ा agree, the others never change."""

STEMS = word_list(
    """eat खा, drink पी, read पढ़, write लिख, buy ख़रीद, see देख, open खोल, give दे, go जा, come आ,
    live रह, sleep सो"""
)
"""Verb -> stem. A verb that is not here is a word of `COMPOUNDS` with कर, to do."""
COMPOUNDS = word_list(
    """clean साफ़, close बंद, repair ठीक, finish ख़त्म, prepare तैयार, use इस्तेमाल, help मदद,
    wait इंतज़ार, talk बात, call फ़ोन, love प्यार, miss याद, work काम, rest आराम, study पढ़ाई,
    exercise कसरत, pray प्रार्थना"""
)
COMPOUND_NOUNS: dict[str, Sex] = {
    **dict.fromkeys(("use", "wait", "call", "love", "work", "rest"), "m"),
    **dict.fromkeys(("help", "talk", "study", "exercise", "pray"), "f"),
}
"""Compounds whose first word is a noun: the perfective agrees with it, in the others with the object."""
PAST_STEMS: dict[str, tuple[str, str]] = {"पी": ("पि", "प"), "दे": ("दि", "द"), "कर": ("कि", "क"), "जा": ("ग", "ग")}
"""Stem -> perfective stem before ा or े (with a glide) and before ी, where it is not the stem itself."""
WITHOUT_NE = frozenset({"go", "come", "sleep"})
"""Verbs whose perfective agrees with the subject, which then stays without ने."""

OBJECT_CASES: dict[str, str] = {
    **dict.fromkeys(("see", "call", "miss"), "को"),
    **dict.fromkeys(("talk", "love"), "से"),
    **{"wait": "का", "help": "की", "use": "का"},
}
"""Verb -> postposition of the person it is done to, or of what is used."""

RELATIONS = word_list("""in में, on पर, at में, to, from से, near के पास, under के नीचे, behind के पीछे, with के साथ""")
AT_ON = frozenset({("at", "home"), ("at", "station"), ("to", "shop")})
"""Relations and places that take पर: one is at home and goes to a shop पर; other goals stand without a postposition."""
WORDS_OF_PLACE = word_list("here यहाँ, there वहाँ")
TIMES = word_list(
    """every_day रोज़, daily रोज़, in_the_morning सुबह, in_the_evening शाम को, at_night रात को, now अभी,
    today आज, yesterday कल, tomorrow कल"""
)
QUESTIONS = word_list("who कौन, what क्या, where कहाँ, when कब, why क्यों, how कैसे")
DETERMINERS = word_list("a एक, two दो, three तीन, four चार, five पाँच, many कई")
DEMONSTRATIVES: dict[tuple[str, bool], tuple[str, str]] = {
    ("this", False): ("यह", "इस"),
    ("this", True): ("ये", "इन"),
    ("that", False): ("वह", "उस"),
    ("that", True): ("वे", "उन"),
}
"""Lemma and number -> direct and oblique form."""
ADDRESSEES = word_list("""sir सर, madam मैडम, brother भाई, friend दोस्त, sister बहन, son बेटा, daughter बेटी""")

SECOND_PERSON: dict[Politeness, str] = {"polite": "आप", "familiar": "तुम", "intimate": "तू"}
DIRECT = word_list("i मैं, we हम, he वह, she वह, they वे, who कौन, what क्या")
ERGATIVE = word_list("""मैं मैंने, हम हमने, आप आपने, तुम तुमने, तू तूने, वह उसने, वे उन्होंने, कौन किसने, क्या किसने""")
DATIVE = word_list("मैं मुझे, हम हमें, आप आपको, तुम तुम्हें, तू तुझे, वह उसे, वे उन्हें, कौन किसे")
ABLATIVE = word_list("मैं मुझसे, हम हमसे, आप आपसे, तुम तुमसे, तू तुझसे, वह उससे, वे उनसे, कौन किससे")
GENITIVE = word_list("मैं मेरा, हम हमारा, आप आपका, तुम तुम्हारा, तू तेरा, वह उसका, वे उनका, कौन किसका")
"""Pronoun as a subject -> with ने, with को, with से, with का (masculine; it agrees like an adjective)."""
REFLEXIVE = "अपना"
