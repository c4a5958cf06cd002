"""The words of the embedded corpus, as plain tables: change a row here and the corpus changes.

Everything a sentence needs to know of a word stands in its row: the irregular forms of both languages and the
*classes* that keep sentences sensible (one eats food, wears clothes, waits for a bus). Regular forms are left
to `morphology`. English spelling is British. Each English word has one German translation *in its role*: `know`
is `kennen` with an object and `wissen` with a clause; `the teacher` is always `der Lehrer`, but `she is a
teacher` is `Lehrerin`. `you` is always the familiar singular `du`.

The tables are text because a lexicon is read by people first; `|` or runs of spaces separate the columns.
"""

from __future__ import annotations

# Columns: English singular (/ irregular plural), German singular, gender (m f n), German plural ("-": none, a
# mass noun), genitive singular ending ("-": none; "*n": a weak noun, this ending in every case but the
# nominative), classes.
NOUNS = """
man/men           Mann             m Männer             es  person
woman/women       Frau             f Frauen             -   person
child/children    Kind             n Kinder             es  youth
boy               Junge            m Jungen             *n  youth
girl              Mädchen          n Mädchen            s   youth
lady              Dame             f Damen              -   person
teacher           Lehrer           m Lehrer             s   person profession
doctor            Arzt             m Ärzte              es  person profession
neighbour         Nachbar          m Nachbarn           *n  person
friend            Freund           m Freunde            es  person
student           Student          m Studenten          *en person profession
farmer            Bauer            m Bauern             *n  person
baker             Bäcker           m Bäcker             s   person profession
painter           Maler            m Maler              s   person profession
cook              Koch             m Köche              s   person profession
guest             Gast             m Gäste              es  person
tourist           Tourist          m Touristen          *en person
gardener          Gärtner          m Gärtner            s   person profession
engineer          Ingenieur        m Ingenieure         s   person profession
nurse             Krankenschwester f Krankenschwestern  -   person
actress           Schauspielerin   f Schauspielerinnen  -   person
waitress          Kellnerin        f Kellnerinnen       -   person
mother            Mutter           f Mütter             -   kin parent
father            Vater            m Väter              s   kin parent
brother           Bruder           m Brüder             s   kin
sister            Schwester        f Schwestern         -   kin
grandmother       Großmutter       f Großmütter         -   kin parent
grandfather       Großvater        m Großväter          s   kin parent
aunt              Tante            f Tanten             -   kin
uncle             Onkel            m Onkel              s   kin
daughter          Tochter          f Töchter            -   kin
son               Sohn             m Söhne              es  kin

dog               Hund             m Hunde              es  animal
cat               Katze            f Katzen             -   animal
horse             Pferd            n Pferde             es  animal
bird              Vogel            m Vögel              s   animal
cow               Kuh              f Kühe               -   animal
mouse/mice        Maus             f Mäuse              -   animal
pig               Schwein          n Schweine           s   animal
rabbit            Kaninchen        n Kaninchen          s   animal
duck              Ente             f Enten              -   animal

bread             Brot             n -                  es  food fresh
cheese            Käse             m -                  s   food
meat              Fleisch          n -                  es  food cookable fresh
fish              Fisch            m -                  es  food cookable fresh
soup              Suppe            f -                  -   food cookable
rice              Reis             m -                  es  food cookable
salad             Salat            m -                  s   food fresh
chocolate         Schokolade       f -                  -   food
apple             Apfel            m Äpfel              s   fruit sweet coloured
egg               Ei               n Eier               s   fruit boilable
potato            Kartoffel        f Kartoffeln         -   fruit boilable
banana            Banane           f Bananen            -   fruit sweet
orange            Orange           f Orangen            -   fruit sweet
tomato            Tomate           f Tomaten            -   fruit coloured
pear              Birne            f Birnen             -   fruit sweet coloured
cake              Kuchen           m Kuchen             s   fruit sweet
water             Wasser           n -                  s   drink
milk              Milch            f -                  -   drink
coffee            Kaffee           m -                  s   drink
tea               Tee              m -                  s   drink sweet
beer              Bier             n -                  es  drink
wine              Wein             m -                  s   drink sweet
juice             Saft             m -                  es  drink sweet

book              Buch             n Bücher             es  readable
letter            Brief            m Briefe             es  readable text official
newspaper         Zeitung          f Zeitungen          -   readable
article           Artikel          m Artikel            s   readable text official
story             Geschichte       f Geschichten        -   readable text
poem              Gedicht          n Gedichte           es  readable text
novel             Roman            m Romane             s   readable text
report            Bericht          m Berichte           es  readable text official

coat              Mantel           m Mäntel             s   clothes lengthy garment worn
hat               Hut              m Hüte               es  clothes worn
dress             Kleid            n Kleider            es  clothes lengthy womens
shirt             Hemd             n Hemden             es  clothes garment worn
skirt             Rock             m Röcke              s   clothes lengthy womens
jacket            Jacke            f Jacken             -   clothes garment worn
blouse            Bluse            f Blusen             -   clothes womens
scarf/scarves     Schal            m Schals             s   clothes lengthy worn
cap               Mütze            f Mützen             -   clothes worn
suit              Anzug            m Anzüge             s   clothes garment worn

car               Auto             n Autos              s   vehicle
bicycle           Fahrrad          n Fahrräder          s   vehicle
motorcycle        Motorrad         n Motorräder         s   vehicle
boat              Boot             n Boote              s   vehicle
bus               Bus              m Busse              ses transport
train             Zug              m Züge               es  transport
tram              Straßenbahn      f Straßenbahnen      -   transport
ship              Schiff           n Schiffe            es  transport

bag               Tasche           f Taschen            -   thing openable
suitcase          Koffer           m Koffer             s   thing openable
key               Schlüssel        m Schlüssel          s   thing
umbrella          Regenschirm      m Regenschirme       s   thing
ring              Ring             m Ringe              s   thing
camera            Kamera           f Kameras            -   thing
ball              Ball             m Bälle              s   thing
knife/knives      Messer           n Messer             s   thing
cup               Tasse            f Tassen             -   thing
bottle            Flasche          f Flaschen           -   thing openable
plate             Teller           m Teller             s   thing
pen               Stift            m Stifte             s   thing
present           Geschenk         n Geschenke          s   gift
picture           Bild             n Bilder             es  gift
flower            Blume            f Blumen             -   gift
door              Tür              f Türen              -   openable
window            Fenster          n Fenster            s   openable
drawer            Schublade        f Schubladen         -   openable
radio             Radio            n Radios             s   device
lamp              Lampe            f Lampen             -   device
computer          Computer         m Computer           s   device
machine           Maschine         f Maschinen          -   device
printer           Drucker          m Drucker            s   device
heater            Heizung          f Heizungen          -   device
table             Tisch            m Tische             es  furniture surface
chair             Stuhl            m Stühle             s   furniture surface
bed               Bett             n Betten             es  furniture surface
sofa              Sofa             n Sofas              s   furniture surface
bench             Bank             f Bänke              -   furniture surface
cupboard          Schrank          m Schränke           s   furniture
piano             Klavier          n Klaviere           s   instrument
guitar            Gitarre          f Gitarren           -   instrument
violin            Geige            f Geigen             -   instrument
flute             Flöte            f Flöten             -   instrument

garden            Garten           m Gärten             s   inside pets
kitchen           Küche            f Küchen             -   inside pets
park              Park             m Parks              s   inside pets sight
forest            Wald             m Wälder             es  inside pets
city              Stadt            f Städte             -   inside sight home
village           Dorf             n Dörfer             es  inside pets sight home
school            Schule           f Schulen            -   inside building
library           Bibliothek       f Bibliotheken       -   inside building
hotel             Hotel            n Hotels             s   inside building home
restaurant        Restaurant       n Restaurants        s   inside building
office            Büro             n Büros              s   inside
church            Kirche           f Kirchen            -   inside building
hospital          Krankenhaus      n Krankenhäuser      es  inside building
museum            Museum           n Museen             s   inside building
theatre           Theater          n Theater            s   inside building
cinema            Kino             n Kinos              s   inside building
supermarket       Supermarkt       m Supermärkte        s   inside building
castle            Schloss          n Schlösser          es  inside building home
station           Bahnhof          m Bahnhöfe           s   beside building
airport           Flughafen        m Flughäfen          s   beside
lake              See              m Seen               s   beside sight home
beach             Strand           m Strände            es  beside
river             Fluss            m Flüsse             es  beside sight home
university        Universität      f Universitäten      -   beside building
house             Haus             n Häuser             es  building
tree              Baum             m Bäume              es  sight landmark
bridge            Brücke           f Brücken            -   sight landmark

film              Film             m Filme              s   event show
concert           Konzert          n Konzerte           es  event show
party             Feier            f Feiern             -   event plan
meal              Essen            n Essen              s   event plan
game              Spiel            n Spiele             s   event show
exam              Prüfung          f Prüfungen          -   event plan
trip              Reise            f Reisen             -   event plan
wedding           Hochzeit         f Hochzeiten         -   event plan
"""

# Feminine of the professions, for "she is a teacher".
FEMININE = {
    "Lehrer": "Lehrerin",
    "Arzt": "Ärztin",
    "Student": "Studentin",
    "Bäcker": "Bäckerin",
    "Maler": "Malerin",
    "Koch": "Köchin",
    "Gärtner": "Gärtnerin",
    "Ingenieur": "Ingenieurin",
}

# Columns: English, German (/ comparative where irregular), classes of nouns it goes with. "mood" adjectives are
# states of the moment and give reasons (because he is tired); "colour" ones have no comparative here.
ADJECTIVES = """
old          alt/älter           person animal readable clothes vehicle thing furniture building device
young        jung/jünger         person animal
big          groß/größer         animal thing furniture building sight gift
small        klein               animal thing furniture building sight gift youth
tall         groß/größer         person
friendly     freundlich          person kin youth
clever       klug/klüger         person animal kin youth
famous       berühmt/berühmter   person show
polite       höflich             person youth
rich         reich               person kin
strong       stark/stärker       person animal
tired        müde/müder          mood
ill          krank/kränker       mood
happy        glücklich           mood
sad          traurig             mood
hungry       hungrig             mood
thirsty      durstig             mood
nervous      nervös/nervöser     mood
angry        wütend/wütender     mood
new          neu/neuer           readable clothes vehicle thing furniture device instrument
expensive    teuer/teurer        clothes vehicle thing furniture device instrument gift
cheap        billig              clothes vehicle thing furniture device instrument gift
heavy        schwer              furniture device openable
beautiful    schön               clothes building sight inside instrument gift
dirty        schmutzig           clothes vehicle surface openable
red          rot                 clothes vehicle thing coloured colour
blue         blau                clothes vehicle thing colour
green        grün                clothes vehicle thing coloured colour
black        schwarz             clothes vehicle animal colour
white        weiß                clothes vehicle animal colour
long         lang/länger         text event lengthy
short        kurz/kürzer         text lengthy show
interesting  interessant/interessanter  readable show
boring       langweilig          readable show
important    wichtig             official plan
cold         kalt/kälter         drink cookable
hot          heiß                cookable
fresh        frisch              fresh fruit
sweet        süß                 sweet
"""

# Columns: English base (/past/participle where irregular), German infinitive ("an|rufen": separable; then, where
# irregular, er-present, past and participle), auxiliary (h haben, s sein), frame, subjects, objects, flags.
# Frames: none, acc, dat, two (somebody something), in (a place), to (a goal), on (something on something), lying
# (on something), instrument, or English preposition>German preposition+case.
# Flags: state (no progressive), x2 x3 (weight), short (no place beside it), simple (no perfect, no adverbials),
# now (present and past only), mishap (not done on purpose: no modal but can), happens (no modal at all),
# plain (its object is new: no adjective), done (no present), own (its object belongs to the subject).
VERBS = """
sleep/slept/slept | schlafen/schläft/schlief/geschlafen | h | none | being |
work | arbeiten | h | none | human |
laugh | lachen | h | none | human | mishap
cry | weinen | h | none | human | mishap
sing/sang/sung | singen/singt/sang/gesungen | h | none | human |
dance | tanzen | h | none | human |
swim/swam/swum | schwimmen/schwimmt/schwamm/geschwommen | s | none | being | short
wait | warten | h | none | human |
get up/got up/got up | auf|stehen/steht/stand/gestanden | s | none | human | short x2
fall asleep/fell asleep/fallen asleep | ein|schlafen/schläft/schlief/geschlafen | s | none | being | x2 mishap
come back/came back/come back | zurück|kommen/kommt/kam/gekommen | s | none | human | short x2
arrive | an|kommen/kommt/kam/gekommen | s | none | traveller | short x3 happens
leave/left/left | ab|fahren/fährt/fuhr/gefahren | s | none | transport | short x2 happens
watch television | fern|sehen/sieht/sah/gesehen | h | none | human | short x2
live | wohnen | h | in | human | state simple
stay | bleiben/bleibt/blieb/geblieben | s | in | human |
sit/sat/sat | sitzen/sitzt/saß/gesessen | h | in | being |
stand/stood/stood | stehen/steht/stand/gestanden | h | in | being |
go/went/gone | gehen/geht/ging/gegangen | s | to | human |
drive/drove/driven | fahren/fährt/fuhr/gefahren | s | to | human |
run/ran/run | laufen/läuft/lief/gelaufen | s | to | being |
come/came/come | kommen/kommt/kam/gekommen | s | to | human |
travel | reisen | s | to city | human | x2
fly/flew/flown | fliegen/fliegt/flog/geflogen | s | to city | human | x2
have/had/had | haben/hat/hatte/gehabt | h | acc | human | animal vehicle instrument thing | state simple now x2
eat/ate/eaten | essen/isst/aß/gegessen | h | acc | human | food fruit | x2
drink/drank/drunk | trinken/trinkt/trank/getrunken | h | acc | human | drink | x3
cook | kochen | h | acc | human | cookable boilable | x2
order | bestellen/bestellt/bestellte/bestellt | h | acc | human | food drink | x2 short
read/read/read | lesen/liest/las/gelesen | h | acc | human | readable |
write/wrote/written | schreiben/schreibt/schrieb/geschrieben | h | acc | human | text | plain
buy/bought/bought | kaufen | h | acc | human | food fruit drink goods gift | x2
sell/sold/sold | verkaufen/verkauft/verkaufte/verkauft | h | acc | human | vehicle garment furniture instrument fruit |
need | brauchen | h | acc | human | goods | state simple
look for | suchen | h | acc | human | person animal thing gift clothes building |
find/found/found | finden/findet/fand/gefunden | h | acc | human | animal thing gift clothes readable | mishap done
lose/lost/lost | verlieren/verliert/verlor/verloren | h | acc | human | thing clothes | short mishap done
forget/forgot/forgotten | vergessen/vergisst/vergaß/vergessen | h | acc | human | thing gift plan readable | state short
see/saw/seen | sehen/sieht/sah/gesehen | h | acc | human | being sight show animal | state
wear/wore/worn | tragen/trägt/trug/getragen | h | acc | human | worn | short own
wash | waschen/wäscht/wusch/gewaschen | h | acc | human | garment vehicle |
repair | reparieren/repariert/reparierte/repariert | h | acc | human | vehicle device furniture |
draw/drew/drawn | zeichnen | h | acc | human | animal sight building |
play | spielen | h | instrument | human | instrument | x2
love | lieben | h | acc | human | human | state simple now short
know/knew/known | kennen/kennt/kannte/gekannt | h | acc | human | human building sight | state simple now short
visit | besuchen/besucht/besuchte/besucht | h | acc | human | human building | short
meet/met/met | treffen/trifft/traf/getroffen | h | acc | human | human |
ask | fragen | h | acc | human | human | short
push | schieben/schiebt/schob/geschoben | h | acc | human | vehicle furniture | short
call | an|rufen/ruft/rief/gerufen | h | acc | human | human |
open | auf|machen | h | acc | human | openable | short x2
close | zu|machen | h | acc | human | openable | short x2
switch on | ein|schalten | h | acc | human | device | short
switch off | aus|schalten | h | acc | human | device | short
pick up | ab|holen | h | acc | human | human |
invite | ein|laden/lädt/lud/geladen | h | acc | human | human | short
bring along/brought along/brought along | mit|bringen/bringt/brachte/gebracht | h | acc | human | food fruit drink thing gift | short
put on/put on/put on | an|ziehen/zieht/zog/gezogen | h | acc | human | garment | short own
take off/took off/taken off | aus|ziehen/zieht/zog/gezogen | h | acc | human | garment | short own
prepare | vor|bereiten/bereitet/bereitete/bereitet | h | acc | human | plan | short x2
throw away/threw away/thrown away | weg|werfen/wirft/warf/geworfen | h | acc | human | carried furniture | short
look at | an|sehen/sieht/sah/gesehen | h | acc | human | thing clothes sight building vehicle |
help | helfen/hilft/half/geholfen | h | dat | human | human | x2
thank | danken | h | dat | human | human | short x2
answer | antworten | h | dat | human | human | short x2
follow | folgen | s | dat | being | person youth animal | short x2
listen to | zu|hören | h | dat | human | human | short x2
belong to | gehören/gehört/gehörte/gehört | h | dat | object | human | state simple now short x2
give/gave/given | geben/gibt/gab/gegeben | h | two | human | fruit carried gift |
show/showed/shown | zeigen | h | two | human | carried sight |
send/sent/sent | schicken | h | two | human | carried |
bring/brought/brought | bringen/bringt/brachte/gebracht | h | two | human | thing gift readable food drink |
lend/lent/lent | leihen/leiht/lieh/geliehen | h | two | human | thing readable vehicle clothes |
give back/gave back/given back | zurück|geben/gibt/gab/gegeben | h | two | human | carried | x2
lie/lay/lain | liegen/liegt/lag/gelegen | h | lying | portable | | short x2 simple
put/put/put | legen | h | on | human | readable thing gift clothes | short x2
wait for | warten | h | for>auf+acc | human | human transport |
think of/thought of/thought of | denken/denkt/dachte/gedacht | h | of>an+acc | human | human plan | state short
talk about | sprechen/spricht/sprach/gesprochen | h | about>über+acc | human | event readable kin |
dream of | träumen | h | of>von+dat | human | plan kin vehicle sight | short mishap
laugh at | lachen | h | at>über+acc | human | human animal | mishap
play with | spielen | h | with>mit+dat | human | person youth animal |
dance with | tanzen | h | with>mit+dat | human | human |
talk to | sprechen/spricht/sprach/gesprochen | h | to>mit+dat | human | human |
"""

# Classes that name several others.
GROUPS = {
    "human": ("person", "youth", "kin"),
    "being": ("person", "youth", "kin", "animal"),
    "goods": ("vehicle", "clothes", "thing", "furniture", "device"),
    "carried": ("readable", "thing", "clothes"),
    "object": ("readable", "clothes", "vehicle", "thing", "furniture", "instrument", "building"),
    "portable": ("readable", "thing", "gift"),
    "traveller": ("person", "youth", "kin", "transport"),
    "place": ("inside", "beside"),
}

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

# Name | English auxiliary ("-": none, do-support instead) | English verb after it or in its stead ("must" is negated
# through it: does not have to) | p present or a past | German singular, plural.
MODALS = """
can           | can    | -         | p | kann   können
could         | could  | -         | a | konnte konnten
must          | must   | have to   | p | muss   müssen
had to        | -      | have to   | a | musste mussten
want to       | -      | want to   | p | will   wollen
wanted to     | -      | want to   | a | wollte wollten
should        | should | -         | p | sollte sollten
may           | may    | -         | p | darf   dürfen
would like to | would  | like to   | p | möchte möchten
"""

# Verbs that take a clause: that, whether, where ... (know in its second role) or an infinitive (try to).
CLAUSE_VERBS = """
know/knew/known          | wissen/weiß/wusste/gewusst    | h | dass ob | human | | state
believe                  | glauben                       | h | dass    | human | | state
hope                     | hoffen                        | h | dass zu | human | | state
say/said/said            | sagen                         | h | dass    | human | | state
think/thought/thought    | denken/denkt/dachte/gedacht   | h | dass    | human | | state
ask                      | fragen                        | h | ob      | human | |
try                      | versuchen/versucht/versuchte/versucht | h | zu | human | |
promise                  | versprechen/verspricht/versprach/versprochen | h | dass zu | human | | state
forget/forgot/forgotten  | vergessen/vergisst/vergaß/vergessen  | h | zu | human | | state
"""

# Subordinating conjunctions: English, German, tenses of the clause: any, p present, a past, b past perfect.
CONJUNCTIONS = """
because weil any | although obwohl any | if wenn p | when als a | while während any | before bevor a | after nachdem b
"""

# Weather: English and German verb.
WEATHER = """
rain regnen/regnet/regnete/geregnet | snow schneien/schneit/schneite/geschneit
"""
