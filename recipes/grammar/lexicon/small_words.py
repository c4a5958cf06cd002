"""Names, pronouns, numbers, times and conjunctions."""

# English, German, natural gender.
NAMES = """
Anna Anna f | Maria Maria f | Julia Julia f | Lena Lena f | Sophie Sophie f | Emma Emma f
Peter Peter m | Paul Paul m | Martin Martin m | Karl Karl m | Daniel Daniel m | Robert Robert m
"""

CITIES = """
Berlin Berlin | Vienna Wien | Munich München | Cologne Köln | Paris Paris | Rome Rom | Germany Deutschland
France Frankreich | Italy Italien | Spain Spanien | Austria Österreich
"""

# English, nominative, accusative, dative (pairs of English subject and object), person and number.
PRONOUNS = """
I me ich mich mir 1s | you you du dich dir 2s | he him er ihn ihm 3s | she her sie sie ihr 3s
we us wir uns uns 1p | they them sie sie ihnen 3p
"""

POSSESSIVES = {"I": ("my", "mein"), "you": ("your", "dein"), "he": ("his", "sein"), "she": ("her", "ihr")}
POSSESSIVES |= {"we": ("our", "unser"), "they": ("their", "ihr")}

NUMBERS = "two zwei three drei four vier five fünf six sechs seven sieben eight acht nine neun ten zehn".split()

WEEKDAYS = "Monday Montag Tuesday Dienstag Wednesday Mittwoch Thursday Donnerstag Friday Freitag".split()
WEEKDAYS += "Saturday Samstag Sunday Sonntag".split()

MONTHS = "January Januar March März April April May Mai July Juli August August October Oktober".split()

SEASONS = "spring Frühling summer Sommer autumn Herbst winter Winter".split()

# English | German | tenses it goes with: n now, p present or future, f future, a past (yesterday), r habit (simple present or past).
TIMES = """
today                | heute           | p
now                  | jetzt           | n
tomorrow             | morgen          | f
tonight              | heute Abend     | f
next week            | nächste Woche   | f
next year            | nächstes Jahr   | f
soon                 | bald            | f
yesterday            | gestern         | a
last week            | letzte Woche    | a
last year            | letztes Jahr    | a
every day            | jeden Tag       | r
every morning        | jeden Morgen    | r
"""

# Between subject and verb in English, in the middle field in German.
FREQUENCY = "often oft always immer sometimes manchmal never nie".split()

# Subordinating conjunctions: English, German, tenses of the clause: any, p present, a past, b past perfect.
CONJUNCTIONS = """
because weil any | although obwohl any | if wenn p | when als a | while während any | before bevor a | after nachdem b
"""
