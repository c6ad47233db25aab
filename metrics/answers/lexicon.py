"""Words by what they do in an answer: one letter each, so that a clause becomes a short string of letters.

Small letters are the classes below ("w": any other word); a capital says that the word also names what the task asks
about. "It does not bind" is "ranW", "insoluble" is "S". The rules on clauses (polarity.py) are patterns over these.
"""

import re


# Phrases that act as one word; they are looked up with "_" for the spaces.
PHRASE = re.compile(
    r"\b(?:rather than|instead of|as opposed to|by no means|in no way|no longer|anything but|far from|nowhere near|"
    r"no way|no chance|too (?:\w+ ){1,2}to|(?:little|nothing) to (?:suggest|indicate|support)|not a chance|"
    r"(?:in|out of) (?:the )?question|thumbs (?:up|down)|not only|in general|would need|"
    r"(?:no|without(?: a| any)?|beyond(?: any)?) (?:doubt|question)|less (?:likely|probable)|(?:be|quite|"
    r"bit of) a stretch|at odds|"
    r"(?:hard|difficult) to (?:believe|defend|envisage|imagine|justify|picture|reconcile|see)|free (?:of|from)|"
    r"(?:evidence|argu\w+|speaks?|points?|counts?|weighs?|tells?|bet) against|(?:little|insufficient|limited|"
    r"small|slim) (?:\w+ )?(?:evidence|chance|probability|likelihood|affinity)|(?:stay|keep|kept)\w* out of|"
    r"f[ae]lls? short|rul\w+ out|(?:leav\w+|left|count|keep|kept|cross\w*) (?:\w+ ){0,4}?out|inclusion bod(?:y|ies)|"
    r"(?:exceed\w*|above|over|beyond) (?:the |genomic )?background|look(?:s|ed|ing)? (?:for|at)|as (?:for|to)|"
    r"you(?:'re| are) looking at|such as|(?:any|either|one) of|(?:of|in|for) which|pol(?:ymerase)? ii|"
    r"works? against|(?:found|sits?|sitting) (?:on|at|in)|pick\w* up|work\w* (?:well )?on|taken together|"
    r"in (?:the|its|their) absence|with or without|(?:gram|true|false)[ -](?:posi|nega)tives?|"
    r"(?:posi|nega)tive(?:ly)?[ -](?:charge[ds]?|controls?|residues?|regulat\w+|select\w+))\b"
)
CLASSES = {
    # What denies: a word beside it (n, o, m), itself (x), or what it is a state of (s, l, u).
    "o": r"no",
    "n": r"(?:do|does|did|is|are|was|were|wo|ca|could|would|should|have|has|had|ai|must|might|need)nt|not|non|cannot|"
    r"never|neither|nor|none|nothing|hardly|barely|scarcely|unlike|unable|incapable|fail\w*|refuses?|\w+_out_of|"
    r"too_\w+_to|nothing_to_\w+|by_no_means|in_no_way|no_longer|anything_but|far_from|nowhere_near",
    "m": r"rather_than|instead_of|as_opposed_to",
    "x": r"negative(?:ly)?|false|untrue|doubt\w*|nope|nah|nay|thumbs_down|no_way|no_chance|not_a_chance|"
    "out_of_the_question",
    "l": r"absence|lack|without",
    "s": r"absent|lack(?:s|ed|ing)|missing|devoid|bereft|unlikely|improbable|implausible|unconvinc\w+|impossible|"
    r"s[ck]eptical|dubious|questionable|wrong(?:ly)?|incorrect(?:ly)?|inactive|independent|unrelated|"
    r"insolub\w+|aggregat\w*|precipitat\w*|inclusion_bod\w+|pellet|background|free_\w+|deplet\w+|hypo(?:acet|"
    r"meth)\w+|escap\w+|"
    r"evad\w+|evasion|resist\w*|infectious|in(?:compatible|consistent|sufficient|effective)|scant|negligible|"
    r"(?:exclud|omit|discard|dismiss|reject|refut|disprov|disqualif|eliminat|preclud)\w*|poor(?:ly)?|sparingly|"
    r"at_odds|contrary|hard_to_\w+|difficult_to_\w+|\w+_a_stretch|(?:less|little|insufficient|limited|small|"
    r"slim)_\w+|(?!works?_)\w+_against|\w+_short|\w+_out|"
    r"un(?:bound|marked|modified|occupied|methylated|acetylated|connected|associated|linked|supported|affected|"
    r"justified|warranted|detect\w+)|non-?(?:promot|bind|bound|interact|neutrali|solub|functional|target|enzym|"
    r"contact|associat)\w*",
    "u": r"low(?:er)?",
    # What affirms.
    "y": r"yes|yep|yeah|yup|aye|true|affirmative(?:ly)?|positive(?:ly)?|thumbs_up",
    "p": r"likely|probabl[ey]|plausible|present|detected|found(?:_\w+)?|definitely|confirmed|high|\w+_background",
    # What asserts nothing: hypotheses, what holds in general, introductions of the question, choices, refusals.
    "h": r"whether|if|than",
    "j": r"though|although|while|despite|unless|assuming",
    "g": r"typically|usually|generally|often|commonly|sometimes|in_general|depend(?:s|ing)?|weak(?:ly)?|"
    r"marginal(?:ly)?|borderline",
    "i": r"ask(?:ed|ing|s)?|questions?|want(?:ed)?|wonder(?:ed|ing)?|check(?:ed|ing)?|look\w*_(?:for|at)|search\w*|"
    r"tested|testing|scan\w*|screened|examin(?:e|ed|ing)|analy[sz](?:e|ed|ing)|assess(?:ed|ing)?|as_for|as_to|"
    r"evaluat(?:e|ed|ing)|considering|determine|regarding|concerning|required?|would_need",
    "k": r"or|versus|vs|(?:any|either|one)_of",
    "!": r"refusal",
    "?": r"why",
    # The rest of grammar.
    "a": r"is|are|was|were|be|been|being|ha[sd]|have|having|do(?:es)?|did|will|would|should|can|could|ma?y|might|must|"
    r"you(?:'re|_are)_looking_at",
    "c": r"and|but|yet",
    "e": r"to|of|at|as|in|on|for|from|with|by|here",
    "t": r"that",
    "r": r"it|its|this|these|those|they|them|one|ones|so|such|any",
    "v": r"i|we|me|my|our",
    "q": r"say|think|believe|guess|reckon|seems?|appears?|looks?",
    "z": r"answers?|reply|response|prediction|predicted|result|outcome|output|verdict|decision|conclusion|assessment|"
    r"opinion|class|classification|label|call|value|final|assistant|vote",
    "b": r"suggests?|supports?|indicates?|favou?rs?|impl(?:y|ies)|means?|points?|speaks?|argues?|makes?|expect|"
    "predict|"
    r"conclude|find",
    "d": r"probability|likelihood|chances?|odds|score",
    "f": r"an?|'(?:s|re|d|ll|ve|m)|then|therefore|thus|hence|however|all|too|well|quite|very|most|more|rather|"
    "clearly|absolutely|certainly|actually|indeed|expected|observed|"
    r"evident|case|sequence|region|pair|like|sorry|afraid|unfortunately|sadly|just|really|not_only|with_or_without|"
    r"in_\w+_absence|\w+_(?:doubt|question)|(?:gram|true|false|positive|negative|positively|negatively)[_ -]\w+",
    "~": r"the|there",
    ",": r"because|since|whereas|which|who|including|such_as|namely",
}
LETTERS = "".join(CLASSES)
WORD_CLASS = re.compile("|".join(f"({words})" for words in CLASSES.values()))
TOKEN = re.compile(r"\d+(?:[.,]\d+)*%?(?!\w)|non-\w+|\w+|§|'(?:s|re|d|ll|ve|m)\b|[,;|()\[\]:=/]|(?<= )-+(?= )")


OTHER = {"0": "0", "1": "1", ":": ":", "=": ":", "/": "/", "§": "@"}


class Lexicon(dict):
    """Letter by word for one topic; learns the words that it meets, and forgets them before they fill the memory."""

    def __init__(self, topic: str) -> None:
        """`topic`: pattern of what a word that names the topic contains."""
        self.topic = re.compile(topic)

    def __missing__(self, word: str) -> str:
        if len(self) > 50_000:
            self.clear()
        match = WORD_CLASS.fullmatch(word)
        letter = LETTERS[match.lastindex - 1] if match else other(word)
        self[word] = letter = letter.upper() if self.topic.search(word) else letter
        return letter

    def letters(self, text: str) -> str:
        """The letters of a text in lower case, word by word."""
        text = PHRASE.sub(lambda phrase: phrase[0].replace(" ", "_"), text.replace("n't", "nt"))
        return "".join(map(self.__getitem__, TOKEN.findall(text)))


def other(token: str) -> str:
    """The letter of what is no word of a class."""
    if token in OTHER:
        return OTHER[token]
    return "#" if token[0].isdigit() else "w" if token[0].isalnum() or len(token) > 1 else ","
