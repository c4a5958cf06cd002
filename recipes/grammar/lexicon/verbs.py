"""Verbs: with objects and places, with clauses, modal ones, and those of the weather."""

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

# Weather: English and German verb.
WEATHER = """
rain regnen/regnet/regnete/geregnet | snow schneien/schneit/schneite/geschneit
"""
