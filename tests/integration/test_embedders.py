"""Embedders: what they promise, and what a server gets to see."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from memgpt_docs.embedding import EMBEDDERS, Embedder, make_embedder
from memgpt_docs.embedding.openai_compat import MOST_INPUTS
from memgpt_docs.errors import EmbedderUnavailable, UsageError
from memgpt_docs.settings import Settings
from memgpt_docs.tokens import default_tokenizer
from tests.conftest import DATA
from tests.integration.embedding_server import DIMENSION, EmbeddingServer, Reply, Request, answered

MODEL = DATA.parent / "models" / "all-MiniLM-L6-v2-int8"
Serve = Callable[..., EmbeddingServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[EmbeddingServer] = []

    def start(reply: Callable[[Request], Reply] | None = None) -> EmbeddingServer:
        servers.append(EmbeddingServer(reply))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def afar(server: EmbeddingServer) -> Embedder:
    settings = Settings(embedding_base_url=server.url, embedding_model="m")
    return make_embedder("openai_compat", settings)


def keeps_its_promise(embedder: Embedder) -> None:
    texts = ["revenue rose", "", "the board met in Leeds", "净利润", "revenue rose", " \n"]
    vectors = embedder.embed(texts)
    assert vectors.dtype == np.float32 and vectors.shape == (len(texts), embedder.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.allclose(vectors[0], vectors[4], atol=1e-5)
    assert embedder.embed([]).shape == (0, embedder.dimension)


def test_a_server_s_vectors(serve: Serve) -> None:
    server = serve()
    embedder = afar(server)
    keeps_its_promise(embedder)
    assert embedder.dimension == DIMENSION and embedder.destination == ""
    assert {request["encoding_format"] for request in server.requests} == {"float"}
    assert all(text.strip() for request in server.requests for text in request["input"])


def test_requests_stay_within_the_limits(serve: Serve) -> None:
    server = serve()
    long, longer = "word " * 7_000, "word " * 9_000
    texts = ["a b"] * (MOST_INPUTS + 10) + [long] * 45 + [longer]
    assert afar(server).embed(texts).shape == (len(texts), DIMENSION)
    sent = [request["input"] for request in server.requests]
    count = default_tokenizer().count
    assert sum(map(len, sent)) == len(texts)
    assert all(len(batch) <= 2048 for batch in sent)
    assert all(sum(map(count, batch)) <= 300_000 for batch in sent)
    assert all(count(text) <= 8191 for batch in sent for text in batch)


def test_a_busy_server_is_asked_again(serve: Serve) -> None:
    busy = iter([503, 429])

    def sometimes(request: Request) -> Reply:
        status = next(busy, 200)
        return answered(request) if status == 200 else (status, {"error": {"message": "busy"}})

    server = serve(sometimes)
    assert afar(server).embed(["revenue"]).shape == (1, DIMENSION)
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ((401, {"error": {"message": "no"}}), "EMBEDDING_API_KEY"),
        ((404, {"error": {"message": "no"}}), "EMBEDDING_MODEL"),
        ((400, {"error": {"message": "no"}}), "status 400"),
        ((200, {"object": "list", "data": []}), "no vectors"),
        ((200, {"hello": 1}), "no vectors"),
        ((200, ["hello"]), "no vectors"),
    ],
)
def test_what_goes_wrong_is_told_with_the_setting(serve: Serve, reply: Reply, told: str) -> None:
    server = serve(lambda _: reply)
    with pytest.raises(EmbedderUnavailable, match=told):
        afar(server).embed(["revenue"])


def test_an_address_with_a_password_is_not_shown(serve: Serve) -> None:
    url = serve(lambda _: (401, {})).url.replace("://", "://me:hunter2@") + "?key=abc"
    embedder = make_embedder("openai_compat", Settings(embedding_base_url=url, embedding_model="m"))
    with pytest.raises(EmbedderUnavailable, match=r"http://127\.0\.0\.1") as error:
        embedder.embed(["revenue"])
    assert "hunter2" not in str(error.value) and "abc" not in str(error.value)


def test_a_remote_server_needs_a_key_and_says_where_text_goes() -> None:
    remote = Settings(embedding_base_url="https://embeddings.example/v1")
    with pytest.raises(UsageError, match=r"embeddings\.example"):
        make_embedder("openai_compat", remote)
    keyed = remote.model_copy(update={"embedding_api_key": Settings(
        embedding_api_key="sk-0123").embedding_api_key})  # fmt: skip
    embedder = make_embedder("openai_compat", keyed)
    assert embedder.destination == "embeddings.example"
    assert "sk-0123" not in repr(keyed) + embedder.id


def test_only_a_name_chooses() -> None:
    assert make_embedder(Settings().embedder, Settings()).destination == ""
    with pytest.raises(UsageError, match="static, neural, openai_compat"):
        make_embedder("magic", Settings())
    assert list(EMBEDDERS) == ["static", "neural", "openai_compat"]
    keeps_its_promise(make_embedder("static", Settings()))


@pytest.mark.parametrize("model", ["", "/nowhere", "tests"])
def test_a_neural_embedder_without_its_model_says_what_to_set(model: str) -> None:
    with pytest.raises(UsageError, match="NEURAL_MODEL"):
        make_embedder("neural", Settings(neural_model=model))


@pytest.mark.usefixtures("data")
def test_a_neural_model_from_a_folder() -> None:
    embedder = make_embedder("neural", Settings(neural_model=str(MODEL)))
    assert embedder.id.startswith("neural/all-MiniLM-L6-v2-int8-")
    assert embedder.destination == "" and embedder.dimension == 384
    keeps_its_promise(embedder)
    puppy, dog, law = embedder.embed(["a puppy", "a young dog", "the statute of frauds"])
    assert puppy @ dog > 0.6 > 0.3 > puppy @ law
