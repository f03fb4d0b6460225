"""Lessons: what they claim is so, and what is wrong in a file is said in a sentence."""

import html
import re
from pathlib import Path
from typing import Any

import pytest

from gridworld.store.link import read_link
from gridworld.textbook.glossary import GLOSSARY
from gridworld_dashboard.access import Access
from gridworld_dashboard.app import create_app
from gridworld_dashboard.classroom.sessions import Sessions
from gridworld_dashboard.lessons.checking import check
from gridworld_dashboard.lessons.reading import (
    LessonError,
    Question,
    own_lessons,
    read_lesson,
    read_lessons,
)
from gridworld_dashboard.page import layout
from gridworld_dashboard.page.parts import parts_of
from gridworld_dashboard.server import DashboardServer
from gridworld_dashboard.session import Session
from gridworld_dashboard.wire.stream import Stream

FRONT = """\
+++
title = "T"
says = "S."

[runs.a]
num_episodes = 20
agents = 3
+++
"""

BODY = """
## Predict

Before.

? What *will* it be?

- [ ] This & that.
- [x] The other.

## Run

[Run it](run:a), then.

## Explain

It is [{number}](check:a.return_mean), see [regret](about:regret).

? Why?
"""


def written(folder: Path, text: str, name: str = "x.md") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def lesson(folder: Path, body: str = BODY.format(number="1"), front: str = FRONT) -> Any:
    return read_lesson(written(folder, front + body))


@pytest.mark.parametrize("name", list(own_lessons()))
def test_what_a_lesson_of_ours_claims_is_so(name: str) -> None:
    verdicts = list(check(own_lessons()[name]))
    assert len(verdicts) >= 2
    assert [str(verdict) for verdict in verdicts if not verdict.holds] == []


def test_there_are_five_lessons_and_more_each_of_which_asks_and_runs() -> None:
    found = own_lessons()
    assert len(found) >= 5
    for each in found.values():
        predict, run, explain = each.steps
        assert all(question.right is not None for question in predict.questions)
        assert explain.questions
        links = re.findall(r'href="(#run=[\w-]+)" class="to-run"', "".join(map(str, run.parts)))
        settings = [read_link(link) for link in links]
        assert len(settings) >= 2
        assert all(each in settings for each in each.runs.values())


def test_a_claim_that_is_not_so_is_found(tmp_path: Path) -> None:
    [verdict] = check(lesson(tmp_path))
    assert not verdict.holds
    assert f"return_mean of a must be {verdict.found:.6g}, the text says 1" in str(verdict)
    right = f"{verdict.found:.2f}".replace("-", "\N{MINUS SIGN}")
    for number in (right, right.replace("\N{MINUS SIGN}", "-")):
        found = lesson(tmp_path, BODY.format(number=number))
        assert f">{right}</span>" in str(found.steps)  # set as a number, however it is typed
        [verdict] = check(found)
        assert verdict.holds
    share = f"{100 * verdict.found:,.0f} %"
    [verdict] = check(lesson(tmp_path, BODY.format(number=share)))
    assert verdict.holds, (share, verdict.claim)


def test_a_lesson_is_read_into_its_parts(tmp_path: Path) -> None:
    found = lesson(tmp_path)
    predict, run, explain = found.steps
    assert [step.kind for step in found.steps] == ["predict", "run", "explain"]
    before, question = predict.parts
    assert before == "<p>Before.</p>"
    assert question == Question(
        "<p>What <em>will</em> it be?</p>", ("This &amp; that.", "The other."), 1
    )
    assert explain.questions == (Question("<p>Why?</p>"),)
    assert '<span class="checked">1</span>' in explain.parts[0]
    assert 'href="glossary#regret" target="_blank"' in explain.parts[0]
    link = re.search(r'href="(#run=[\w-]+)"', str(run.parts))
    assert link is not None
    assert read_link(link[1])["agents"] == 3
    assert found.runs["a"]["agents"] == 3


def test_a_run_may_be_a_link_of_the_page_and_nothing_may_stand_for_null(tmp_path: Path) -> None:
    whole = "http://elsewhere:1/" + re.findall(r'"(#run=[\w-]+)"', str(lesson(tmp_path).steps))[0]
    front = FRONT.replace("num_episodes = 20\nagents = 3", f'link = "{whole}"')
    assert lesson(tmp_path, front=front).runs == lesson(tmp_path).runs
    body = BODY.format(number="1").replace("run:a", whole)
    assert "(#run=" not in str(lesson(tmp_path, body).steps[1])
    assert 'href="#run=' in str(lesson(tmp_path, body).steps[1])
    front = FRONT.replace("agents = 3", 'agents = 3\nspeed = "none"\nmax_steps = "none"')
    settings = lesson(tmp_path, front=front).runs["a"]
    assert (settings["speed"], settings["max_steps"]) == (None, None)


def test_no_html_and_no_script_passes(tmp_path: Path) -> None:
    evil = '<img src=x onerror="alert(1)"> <script>alert(1)</script>'
    body = BODY.format(number="1").replace("Before.", evil).replace("This & that.", evil)
    data = lesson(tmp_path, body).data()
    texts = [part.get("html", "") for step in data["steps"] for part in step["parts"]]
    choices = [c for s in data["steps"] for p in s["parts"] for c in p.get("choices", ())]
    assert html.escape(evil) in "".join(texts) + "".join(choices)
    assert "<img" not in str(data)
    assert "<script" not in str(data)


WRONG = [
    ("", "must begin with +++"),
    ("# A title\n\n## Predict", "must begin with +++"),
    (FRONT.replace("title", "titel") + BODY, "must be title, says and runs alone, got 'titel'"),
    (FRONT.replace('"T"', '""') + BODY, "title must be a text of 1 to 80 letters, got ''"),
    (FRONT.replace('"T"', "3") + BODY, "title must be a text of 1 to 80 letters, got 3"),
    (FRONT.replace('says = "S."', "") + BODY, "says must be a text of 1 to 200 letters, got none"),
    (FRONT.replace('"T"', '"T') + BODY, "between its +++ must be TOML"),
    (FRONT.replace("[runs.a]", "[runs.A]") + BODY, "of small letters, digits and _, got 'A'"),
    (FRONT.replace("[runs.a]", "[[runs]]") + BODY, "runs must be tables"),
    (FRONT.replace("agents = 3", "agents = 0") + BODY, "run a: agents must be"),
    (FRONT.replace("agents", "agnets") + BODY, "run a: its keys must be link alone"),
    (FRONT.replace("agents = 3", 'world = "mars"') + BODY, "run a: "),
    (FRONT.replace("agents = 3", 'link = "#run=abc"') + BODY, "run a: its keys must be link alone"),
    (
        FRONT.replace("agents = 3", 'world = "random-walk-5"') + BODY,
        "run a: its world must be a grid that stays",
    ),
    (FRONT + "\nHello.\n" + BODY, "its text must begin with ## Predict, got 'Hello.'"),
    (FRONT + BODY.replace("## Run", "## Explore"), "## Predict, ## Explore, ## Explain"),
    (FRONT + BODY.partition("## Explain")[0], "got ## Predict, ## Run"),
    (FRONT, "its headings must be ## Predict then ## Run then ## Explain"),
    (FRONT + BODY.replace("? What", "What"), "## Predict must ask something"),
    (FRONT + BODY.replace("[Run it](run:a), then.", "Run."), "## Run must have a link to a run"),
    (FRONT + BODY.replace("[Run it](run:a), then.", ""), "## Run must not be empty"),
    (FRONT + BODY.replace("run:a", "run:b"), "run: must name a run of the lesson (a), got 'b'"),
    (FRONT + BODY.replace("run:a", "/world"), "a link must lead to run:NAME"),
    (FRONT + BODY.replace("run:a", "ftp://x"), "a link must lead to run:NAME"),
    (FRONT + BODY.replace("run:a", "#run=abc"), "a link to a run: a link must be whole"),
    (FRONT + BODY.replace("a.return_mean", "b.return_mean"), "must name a run of the lesson"),
    (FRONT + BODY.replace("a.return_mean", "a.retrun"), "check: a measure must be one of"),
    (FRONT + BODY.replace("{number}", "nine"), "what is checked must be a number"),
    (FRONT + BODY.replace("about:regret", "about:regrets"), "about: must name one of"),
    (FRONT.replace("agents = 3", "first_agent = 3") + BODY, "must begin with agent 0"),
    (FRONT.replace("= 20", '= "none"') + BODY, "must have an end to be checked"),
    (FRONT + BODY.replace("- [ ] This & that.\n", ""), "must have two choices at least, got 1"),
    (FRONT + BODY.replace("- [ ]", "- [x]"), "must be the right one, [x], got two"),
    (FRONT + BODY.replace("- [ ] ", "- "), "must be one line - [ ] or - [x], got 'This & that.'"),
    (FRONT + BODY.replace("Before.", "![x](https://a.b/c.png)"), "no pictures"),
    (FRONT + BODY + "x" * 70_000, "must have at most 65536 bytes"),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_what_is_wrong_in_a_lesson_is_said_in_a_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    file = written(tmp_path, text.replace("{number}", "1"), "mine.md")
    with pytest.raises(LessonError) as caught:
        read_lesson(file)
    assert str(caught.value).startswith("lesson mine.md: ")
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_must_have_lessons_with_names(tmp_path: Path) -> None:
    with pytest.raises(LessonError, match=r"must hold 1 to 100 files NAME\.md, got 0"):
        read_lessons(tmp_path)
    with pytest.raises(LessonError, match="must be in a folder"):
        read_lessons(tmp_path / "nothing")
    (tmp_path / "x.md").write_bytes(b"+++\n\xff")
    with pytest.raises(LessonError, match=r"lesson x\.md: it must be text in UTF-8"):
        read_lessons(tmp_path)
    (tmp_path / "x.md").unlink()
    written(tmp_path, FRONT + BODY.format(number=1), "a b.md")
    with pytest.raises(LessonError, match="its name must be of letters"):
        read_lessons(tmp_path)


def test_lessons_of_a_teacher_stand_beside_ours_and_may_take_their_place(tmp_path: Path) -> None:
    folder = tmp_path / "lessons"
    folder.mkdir()
    text = (FRONT + BODY.format(number=1)).replace("\n", "\r\n")
    written(folder, text, "mine.md")
    written(folder, text, f"{next(iter(own_lessons()))}.md")
    server = DashboardServer(port=0, folder=tmp_path / "data", lessons=folder)
    try:
        assert list(server._lessons) == [*own_lessons(), "mine"]
        assert next(iter(server._lessons.values())).title == "T"
    finally:
        server.close()
    written(folder, "", "broken.md")
    with pytest.raises(LessonError, match=r"lesson broken\.md: it must begin with \+\+\+"):
        DashboardServer(port=0, folder=tmp_path / "data", lessons=folder)
    DashboardServer(port=0, folder=tmp_path / "data").close()  # nothing was left locked


def test_the_server_gives_lessons_and_the_list_of_quantities(tmp_path: Path) -> None:
    session = Session(tmp_path)
    stream = Stream(session)
    try:
        client = create_app(
            Sessions(tmp_path, shared=stream), Access.of("127.0.0.1")
        ).server.test_client()
        client.environ_base["HTTP_HOST"] = "127.0.0.1:8000"
        given = client.get("/lessons").get_json()["lessons"]
        assert [each["name"] for each in given] == list(own_lessons())
        assert given[0]["steps"][0]["kind"] == "predict"
        page = client.get("/glossary").get_data(as_text=True)
    finally:
        session.close()
        stream.close()
    for each in GLOSSARY:
        assert f'<section id="{each.key}">' in page
        assert html.escape(each.says) in page


def test_every_quantity_has_a_sentence_and_the_page_explains_what_it_shows() -> None:
    keys = [each.key for each in GLOSSARY]
    assert len(set(keys)) == len(keys)
    for each in GLOSSARY:
        assert re.fullmatch(r"[a-z][a-z0-9-]*", each.key)
        assert each.says.endswith(".")
        assert ". " not in each.says
    marks = [part for part in parts_of(layout.whole()) if getattr(part, "className", "") == "about"]
    shown = {part.id for part in marks}
    assert len(shown) == len(marks) > 12
    asked = "return-chart regret-chart regret agreement epsilon-value steps-per-second last-update"
    for place in (*asked.split(), "middle-btn", "band-note", "episode-return", "optimal-since"):
        assert f"about-{place}" in shown


def test_the_guide_shows_a_lesson_that_is_one_and_whose_claim_is_so(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs/lessons.md").read_text("utf-8")
    [text] = re.findall(r"```\n(\+\+\+.*?)```", guide, re.DOTALL)
    found = read_lesson(written(tmp_path, text))
    assert found.runs["icy"]["slip"] == pytest.approx(0.2)
    [verdict] = check(found)
    assert verdict.holds, str(verdict)
