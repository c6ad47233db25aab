"""Words by what they do in an answer: one letter each, so that a clause becomes a short string of letters.

Small letters are the classes below ("w": any other word); a capital says that the word also names what the task asks
about. "It does not bind" is "ranW", "insoluble" is "S". The rules on clauses (polarity.py) are patterns over these.
"""

import re
from functools import lru_cache
from typing import NamedTuple


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


WORD = re.compile(r"[a-z]+")


@lru_cache(1 << 8)  # most answers are looked up as a whole and as their only sentence
def words_of(text: str) -> frozenset[str]:
    """All words of a text, in lower case."""
    return frozenset(WORD.findall(text.lower()))


class Cued(NamedTuple):
    """A pattern over lower case, and its cues: words of which one is wherever it matches, and faster to find."""

    pattern: re.Pattern
    cues: frozenset[str]

    def found(self, text: str, words: frozenset[str]) -> bool:
        """Whether the pattern is in a text, `words` being all the words of it or of more."""
        return not self.cues.isdisjoint(words) and self.pattern.search(text.lower()) is not None


# "*" ends the stem of a word.
CLASSES = {
    # What denies: a word beside it (n, o, m), itself (x), or what it is a state of (s, l, u).
    "o": "no",
    "n": "not non cannot never neither nor none nothing nowhere hardly barely scarcely few little refuse "
    "refuses dont doesnt didnt isnt arent wasnt werent wont cant couldnt wouldnt shouldnt havent hasnt hadnt aint "
    "mustnt neednt",
    "x": "negative negatively false untrue doubt* nope nah nay",
    "l": "absence lack without",
    "s": "absent lack* missing devoid unlikely improbable implausible impossible unable incapable fail* inappropriate "
    "inadequate disagree* premature misleading mistak* issues problems trouble difficulties concerns against "
    "skeptical sceptical hesitan* reluctan* dubious questionable wrong* incorrect* inactive independent* unrelated "
    "unlike aggregat* precipitat* pellet background intergenic deplet* hypoacet* hypometh* escap* evad* evasion "
    "resist* infectious refractory incompatible inconsistent insufficient ineffective scant negligible poor* "
    "sparingly contrary denied deny exclud* discard* dismiss* reject* disprov* disqualif* eliminat* preclud* "
    "obstacle* lost lose* abolish* abrogat* disrupt* unsupported unaffected unjustified "
    "unwarranted undetect*",
    "-": "small minimal remote tiny",
    "u": "low lower slim reduced diminished decreased impaired compromised",
    # What affirms.
    "y": "yes yep yeah yup aye true affirmative affirmatively positive positively",
    "p": "likely probable probably plausible present detected found definitely confirmed high qualify qualifies "
    "qualified",
    # What asserts nothing: hypotheses, what holds in general, introductions of the question, choices.
    "h": "whether if than",
    "j": "though although while despite unless assuming",
    "g": "tend typically usually generally often commonly sometimes rarely seldom depend depends depending weak "
    "weakly marginal marginally borderline",
    "i": "ask* question* want wants wanted wonder* check checked checking search* tested testing scan* screened "
    "examin* analyse* analysing analyz* assess* evaluat* considering determine regarding concerning require required",
    "k": "or versus vs",
    "?": "why",
    # The rest of grammar: auxiliaries, conjunctions, prepositions, pronouns, opinions, names of answers and chances,
    # verbs of evidence, what may be left out; "." is a consequence, "," ends a clause.
    "a": "is are was were be been being has had have having do does did will would should can could may might must",
    "c": "and but yet",
    "e": "to of at as in on for from with by here",
    "t": "that",
    "r": "it its this these those they them one ones so such any",
    "v": "i we me my our",
    "q": "lean leaning say think believe guess reckon seem seems appear appears look looks",
    "z": "answer answers reply response prediction predicted result outcome output verdict decision conclusion "
    "assessment opinion class classification label call value final assistant vote option choice pick",
    "b": "suggest suggests support supports indicate indicates favor favors favour favours imply implies mean means "
    "point points speak speaks argue argues make makes expect predict conclude find",
    "d": "probability likelihood chance chances odds score",
    "f": "a an 's 're 'd 'll 've 'm however all too well quite very most more rather clearly absolutely certainly "
    "actually indeed expected observed evident case sequence region pair like sorry afraid unfortunately sadly just "
    "really perhaps maybe possibly surely apparently presumably obviously evidently overall ultimately",
    "~": "the there",
    ".": "then therefore thus hence consequently",
    ",": "because since whereas which who including namely , ; | ( ) [ ] - -- ---",
    ":": ": =",
    "/": "/",
    "0": "0 n",
    "1": "1 y",
    "@": "§",
}
# Phrases that act as one word, or as two.
PHRASES = {
    "o": r"(?:little|weak|low|poor|minimal|negligible) (?:or|to) no",
    "n": r"by no means|in no way|no longer|anything but|far from|(?:stay|keep|kept)s? out of",
    "m": r"rather than|instead of|as opposed to",
    "x": r"no way|no chance|out of the question",
    "st": r"surpris(?:ed|ing) (?:if|to)|(?:hard|difficult) to see (?:how|why)",
    "s": r"(?:a different|another|some other) (?:gene|promoter|partner|protein|rna|strain|epitope|virus|antigen)|"
    r"anything other than|out of solution|ineffective against|less (?:likely|probable)|too (?:\w+ ){1,3}?to|"
    r"little to (?:suggest|indicate|support)|(?:be|quite|bit of) a stretch|free (?:of|from)|"
    r"inclusion bod(?:y|ies)|(?:hard|difficult) to (?:believe|defend|envisage|imagine|justify|picture|reconcile|see|"
    r"solubili[sz]e|dissolve)|"
    r"f[ae]lls? short|(?:evidence|argues?|speaks?|points?|counts?|weighs?|tells?|bet) against|rul(?:es?|ed|ing) out|"
    r"(?:leave|left|count|rule|ruled|keep|kept|cross) (?:\w+ ){0,4}?out|"
    r"(?:little|insufficient|limited|small|slim) (?:\w+ )?(?:evidence|chance|probability|likelihood|affinity|reason|"
    r"sign|indication|support|basis|hope)",
    "p": r"(?:exceeds?|exceeding|above|over|beyond) (?:the |genomic )?background|(?:found|sits?|sitting) (?:on|at|in)",
    "g": r"in general|only (?:if|when)|(?:determined|influenced|affected) by|"
    r"(?:not|(?:is|was|does|did|would)nt) (?:an?|the) (?:classical|typical|canonical|"
    r"textbook|conventional|standard|ideal|perfect|strong)",
    "i": r"in order to|(?:look|looks|looked|looking) (?:for|at)|would need|"
    r"(?:explain|describe|discuss|outline|tell you) (?:what|how)",
    "k": r"(?:any|either|one) of",
    "a": r"you(?:'re| are) looking at",
    "w": r"(?:factor|tf) motifs?|(?<!is )(?<!are )(?<!be )(?:typically|usually|generally|often|commonly) "
    r"(?:associated|found|seen|observed|linked|present|required|expected)|pol(?:ymerase)? ii|stop codons?|"
    r"(?:works?|act(?:s|ive|ivity)|protects?|protecti\w+|effective|potent|directed|raised|neutrali\w+|antibod\w+|"
    r"tested) against|pick(?:ed|s)? up|work(?:s|ing)? (?:well )?on|taken together",
    "f": r"not only|(?:quite )?a (?:few|little)|nothing (?:but|other than)|on balance|with or without|"
    r"in (?:the|its|their) absence|in (?:the )?question|(?:quite|on) the contrary|"
    r"(?:no|without|without a|without any|beyond|beyond any) (?:doubt|question)|"
    r"(?:gram|true|false)[ -](?:positives?|negatives?)|"
    r"(?:positive|positively|negative|negatively)[ -](?:charged?s?|controls?|residues?|regulat\w+|select\w+)",
    ",": r"such as|(?:in|for) which",
}
# One of these is in every phrase: without them, there is nothing to look for.
PHRASE_WORDS = words(
    "nothing other too codon codons balance means way longer anything far stay stays keep keeps kept rather instead "
    "opposed chance question less stretch free inclusion hard difficult short against out little insufficient "
    "limited small slim background found sit sits sitting general looking look looks looked need any either one pol "
    "polymerase work works working pick picks picked taken only without absence doubt gram true false positive "
    "positively negative negatively such which typically usually generally often commonly low weak poor minimal "
    "negligible surprised surprising explain describe discuss outline tell different another few order determined "
    "influenced affected contrary motif motifs classical typical canonical textbook conventional standard ideal "
    "perfect strong"
)
PHRASE = re.compile(r"\b(?:" + "|".join(f"({phrases})" for phrases in PHRASES.values()) + r")\b")
PHRASE_LETTERS = tuple(PHRASES)

LETTER = {word: letter for letter, listed in CLASSES.items() for word in listed.split() if "*" not in word}
STEMS = [(letter, word[:-1]) for letter, listed in CLASSES.items() for word in listed.split() if "*" in word]
STEM = re.compile("|".join(f"({re.escape(stem)})" for _, stem in STEMS))
# Classes of words that can answer without naming the topic: "it does", "unlikely", "I think so".
TELLING = frozenset(word for letter in "onxlsuypaq" for word in CLASSES[letter].split()) | {"doubt", "doubtful"}
TELLING |= {word[:-1] for word in TELLING if word.endswith("nt")}  # "isn" of "isn't"
DIGIT = re.compile(r"(?:^|[:=]|\bis) ?[01yn]\W*$")
TOKEN = re.compile(
    r"\d+(?:[.,]\d+){0,3}%?(?!\w)|non-\w+|\w+|¤.\w*|§|'(?:s|re|d|ll|ve|m)\b|[,;|()\[\]:=/]|(?<= )-+(?= )"
)


class Lexicon(dict):
    """Letter by word for one topic; learns the words that it meets, and forgets them before they fill the memory."""

    def __init__(self, topic: str) -> None:
        """`topic`: pattern of the words and phrases that name what the task asks about."""
        self.topic = re.compile(rf"\b(?P<opposite>un|in|non-?)?(?:anti)?(?:{topic})")

    def __missing__(self, word: str) -> str:
        if len(self) > 50_000:
            self.clear()
        letter = letter_of(word)
        if topic := self.topic.search(word.replace("_", " ")):  # "unrecognised" is a state as "unbound" is
            letter = "S" if letter == "w" and topic["opposite"] else letter.upper()
        if len(word) < 40:
            self[word] = letter
        return letter

    def speaks(self, text: str) -> bool:
        """Whether a text may say anything: it names the topic, or has a word that answers without it."""
        if not TELLING.isdisjoint(words_of(text)):
            return True
        text = text.lower()
        return self.topic.search(text) is not None or DIGIT.search(text, max(0, len(text) - 12)) is not None

    def letters(self, text: str, words: frozenset[str]) -> str:
        """The letters of a text in lower case, word by word; `words`: all that are in it."""
        text = text.replace("n't", "nt")
        if not PHRASE_WORDS.isdisjoint(words):
            text = PHRASE.sub(as_one_word, text)
        return "".join(map(self.__getitem__, TOKEN.findall(text)))


def as_one_word(phrase: re.Match) -> str:
    """A phrase as a token for each of its letters, which it begins with."""
    named = phrase[0].replace(" ", "_")
    return " ".join(f"¤{letter}_{named}" for letter in PHRASE_LETTERS[phrase.lastindex - 1])


def letter_of(token: str) -> str:
    """The letter of a word, of a phrase as one word, of a number or of the place of a name."""
    if token[0] == "¤":
        return token[1]
    if letter := LETTER.get(token):
        return letter
    if stem := STEM.match(token):
        return STEMS[stem.lastindex - 1][0]
    return "#" if token[0].isdigit() else "w"
