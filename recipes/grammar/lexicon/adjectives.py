"""Adjectives."""

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
