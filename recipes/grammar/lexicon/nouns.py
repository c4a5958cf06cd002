"""Nouns, and the groups of their classes."""

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
