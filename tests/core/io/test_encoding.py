import gzip

import pytest
from cases import each

from modellab.core.errors import BrokenFileError, InputError
from modellab.core.io.encoding import read_decoded

GERMAN = "# Größe\n\nDas Gelände ist für Fußgänger geöffnet.\n"


def decoded(tmp_path, data, encoding=None):
    (tmp_path / "a.txt").write_bytes(data)
    return read_decoded(tmp_path / "a.txt", encoding)


@each(
    ("text", "encoding", "named"),
    [
        (GERMAN, "cp1252", "cp1252"),
        (GERMAN, "utf-16", "utf-16"),
        (GERMAN, "utf-32", "utf-32"),
        (GERMAN, "utf-16-le", "utf-16-le"),
        (GERMAN, "utf-16-be", "utf-16-be"),
        # equally likely as cp1250, which the library would give: "coűte"
        ("Le café coûte 12 €.", "cp1252", "cp1252"),
        ("caf\xe9", "latin-1", "cp1252"),
        ("Die Kühlung für Zürich kostet 12 €.\nÜber die Straße", "cp1252", "cp1252"),
        ("Kone ostettiin vuonna 2021, ja se keittää kahvia työpäivänä.", "cp1252", "cp1252"),
        ("¿Cómo está el señor Muñoz? ¡Bien!", "cp1252", "cp1252"),
        ("He said “so” – it’s 3 m².", "cp1252", "cp1252"),
        # of few words, in which no language is found
        ("id;question\n1;Wie kühl?\n", "cp1252", "cp1252"),
        # cp775 to the library, with "M³ller"
        (
            "id,question,answer_value,answer_unit,ref_id\n1,Wo?,Müller,is_blank,d1\n"
            '2,Wie viel?,"1,5",€,d1\n',
            "cp1252",
            "cp1252",
        ),
        ("id,question\n1,Où est la forêt ?\n", "cp1252", "cp1252"),
        ("id;question\n1;这座桥什么时候建成?\n", "gbk", "gb18030"),
        # letters of Polish are signs inside words in cp1252
        ("Łódź ma 12 zakładów.", "cp1250", "cp1250"),
        ("Насос поднимает сорок литров воды в час.", "cp1251", "cp1251"),
        ("日本語のテキストです。ポンプは水を汲み上げます。", "shift_jis", "cp932"),
    ],
)
def test_other_encodings_are_read_and_noted(tmp_path, text, encoding, named):
    found, notes = decoded(tmp_path, text.encode(encoding))
    assert found == text
    assert notes == (f"read as {named}, not UTF-8; set `encoding` if that is wrong",)


#: by encodings the first lines of tables, with some words in a language
SHORT = {
    ("cp1252", "mac_roman", "cp850"): ["Frage;Antwort\nWer ist der Größte?;Müller\n", "x\nBäcker\n", "São João"],
    ("cp1252",): ["Œuvre d’art: l’été, ça a coûté 5 €", "Þetta er íslenska með ð og þ"],
    ("cp1250", "iso8859_2"): ["Jaka jest długość łodzi?;Pięć metrów\n", "Kdo vynalezl žárovku?;Křižík\n"],
    ("cp1254",): ["Kim icat etti?;Işık hızı yüksek, çok güçlü\n"],
    ("cp1251", "koi8_r", "cp866", "iso8859_5"): ["Вопрос;Ответ\nКто изобрёл радио?;Попов\n", "question,answer\nWho?,Пушкин\n"],
    ("cp1253", "iso8859_7"): ["Ερώτηση;Απάντηση\nΠοιος είναι;Ο Σωκράτης\n"],
    ("cp1255",): ["שאלה,תשובה\nמי המציא את הטלפון?,בל\n"],
    ("cp1256",): ["سؤال,جواب\nمن اخترع الهاتف؟,بيل\n"],
    ("cp874",): ["คำถาม,คำตอบ\nใครคือผู้ก่อตั้ง,นายสมชาย\n"],
    ("cp932", "euc_jp"): ["質問,回答\n製品名,ロボット\n", "question,answer\n日本の首都はどこですか,東京\n"],
    ("gbk", "gb2312"): ["question,answer\nWho?,李白，唐代诗人\n", "question,answer\nWhere?,北京\n"],
    ("big5",): ["問題,答案\n誰發明了電話？,貝爾\n"],
    ("cp949", "euc_kr"): ["질문,답변\n누가 전화를 발명했습니까?,벨\n", "question,answer\nWho?,세종대왕\n"],
}  # fmt: skip


@each(
    ("encoding", "text"),
    [(name, text) for names, texts in SHORT.items() for name in names for text in texts],
)
def test_a_few_words_are_enough(tmp_path, encoding, text):
    assert decoded(tmp_path, text.encode(encoding)).text == text


@pytest.mark.parametrize(
    "data", [GERMAN.encode(), GERMAN.replace("\n", "\r\n").encode("utf-8-sig")]
)
def test_utf8_needs_no_word(tmp_path, data):
    assert decoded(tmp_path, data) == (GERMAN, ())


def test_a_stray_zero_byte_is_no_other_encoding(tmp_path):
    assert decoded(tmp_path, "Größe\x00: 3 m².".encode()) == ("Größe\x00: 3 m².", ())
    assert decoded(tmp_path, b"") == ("", ())


def test_lines_of_old_macs(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\rtwo\r")
    assert read_decoded(path).text == "one\ntwo\n"


def test_a_named_encoding_is_taken_at_its_word(tmp_path):
    assert decoded(tmp_path, "zakład".encode("cp1250"), "cp1250").text == "zakład"
    with pytest.raises(BrokenFileError, match=r"a\.txt:2: byte 0xb3 is not ascii"):
        decoded(tmp_path, "x\nzakład".encode("cp1250"), "ascii")


def test_cells_that_are_not_text(tmp_path):
    with pytest.raises(BrokenFileError, match=r"a\.txt: neither UTF-8 nor another encoding"):
        decoded(tmp_path, bytes(range(256)))
    with pytest.raises(InputError, match=r"nowhere\.txt: no such file"):
        read_decoded(tmp_path / "nowhere.txt")


def test_a_gzip_bomb_is_not_unpacked(tmp_path):
    assert decoded(tmp_path, gzip.compress(GERMAN.encode())).text == GERMAN
    with pytest.raises(
        BrokenFileError, match=r"a\.txt: a compressed file that unpacks to more than 200"
    ):
        decoded(tmp_path, gzip.compress(bytes(60 * 2**20)))
