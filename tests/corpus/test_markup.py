from modellab.corpus.readers.reader import first_heading, heading_places

TEXT = """Intro
# Water ##
text
### Use
more
## Air
```
# a comment, no heading
```
# Soil
"""


def test_places_are_named_with_the_headings_above():
    found = heading_places(TEXT)
    assert [place.name for place in found] == ["Water", "Water > Use", "Water > Air", "Soil"]
    assert all(TEXT[place.start :].startswith("#") for place in found)


def test_the_first_heading():
    assert first_heading(TEXT) == "Water"
    assert first_heading("#no space") is None
