"""Any server that speaks Chat Completions.

Text leaves the machine only when this processor was chosen by name; a key in the environment is
not a choice.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from memgpt_docs.context import MainContext
from memgpt_docs.errors import ProcessorError
from memgpt_docs.openai_client import Server
from memgpt_docs.processors import assisted
from memgpt_docs.processors.base import Decision, Reply, Streamed, ended
from memgpt_docs.processors.chat_client import ChatClient, Request
from memgpt_docs.processors.completion import Completion
from memgpt_docs.processors.dialects import DIALECTS
from memgpt_docs.processors.prices import price_of
from memgpt_docs.processors.probe import Found, find
from memgpt_docs.prompts import prompt
from memgpt_docs.settings import Settings

# A server that read less than this share of what it was sent has cut it off without a word.
LEAST_READ = 0.5
LEAST_TOKENS = 2000  # not worth judging below


class OpenAICompatProcessor:
    """Decides by a model on a server.

    Raises `UsageError` when a key is needed and none is set.
    """

    kind = "openai_compat"

    def __init__(self, settings: Settings, server: Server | None = None) -> None:
        self._settings = settings
        self.server = server or Server.of(settings)
        self.destination = self.server.destination
        self.name = f"{self.kind} ({self.server.model} at {self.server.host})"
        self.price = price_of(self.server.model) if self.destination else None
        self.client = ChatClient(self.server)
        self._found: Found | None = None

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def found(self, cancelled: Callable[[], bool]) -> Found | None:
        """What is known of the server: chosen by a setting, from an earlier probe, or by one now.
        None when cancelled."""
        if self._found is None:
            self._found = find(self.client, self._settings, cancelled)
        return self._found

    def decide(self, context: MainContext, cancelled: Callable[[], bool]) -> Decision:
        found = self.found(cancelled)
        if found is None:
            return Reply(())
        if self._assists(found):
            return (yield from assisted.decide(context, self._asking(found, cancelled)))
        dialect = DIALECTS[found.dialect]()
        request = dialect.request(context)
        completion = yield from self.complete(request, dialect.streamed, cancelled, found.streams)
        if completion is None:
            return Reply(())
        reply = dialect.reply(completion, context)
        self._check_read(reply, context)
        return reply

    def summarise(self, text: str, limit: int, cancelled: Callable[[], bool]) -> Reply:
        """A summary in the model's words. A small model, one that is assisted, writes none."""
        found = self.found(cancelled)
        if found is None or self._assists(found):
            return Reply(())
        request = {
            "messages": [
                {"role": "system", "content": prompt("summary.txt")},
                {"role": "user", "content": f"At most {limit // 2} words.\n\n{text}"},
            ],
            "max_tokens": 2 * limit,
        }
        completion = ended(self.complete(request, lambda _: Streamed(""), cancelled, stream=False))
        if completion is None:
            return Reply(())
        tokens = (completion.tokens_read, completion.tokens_written, completion.tokens_cached)
        return Reply((), completion.content.strip(), *tokens)

    def _assists(self, found: Found) -> bool:
        chosen = self._settings.assisted
        return found.suggests_assisted if chosen == "auto" else chosen == "on"

    def _asking(self, found: Found, cancelled: Callable[[], bool]) -> assisted.Asking:
        return lambda request: self.complete(request, assisted.streamed, cancelled, found.streams)

    def complete(
        self,
        request: Request,
        shown: Callable[[Completion], Streamed],
        cancelled: Callable[[], bool],
        stream: bool = True,
    ) -> Generator[Streamed, None, Completion | None]:
        """The completion of a request; yields what of it has arrived. None when cancelled."""
        if self._settings.openai_temperature is not None:
            request = {**request, "temperature": self._settings.openai_temperature}
        work = self.client.complete(request, cancelled, stream)
        last = Streamed("")
        while True:
            try:
                arrived = next(work)
            except StopIteration as end:
                completion: Completion | None = end.value
                return completion
            streamed = shown(arrived)
            if streamed != last:
                last = streamed
                yield streamed

    def _check_read(self, reply: Reply, context: MainContext) -> None:
        sent = context.tokens().used
        read = reply.tokens_read
        if read is None or reply.tokens_cached is not None or sent < LEAST_TOKENS:
            return
        if read < LEAST_READ * sent:
            raise ProcessorError(
                f"{self.server.shown} read {read:,} of about {sent:,} tokens: its context is "
                "smaller than main context, and it cuts without a word.",
                "Start the server with a larger context, or lower MEMGPT_DOCS_CONTEXT_WINDOW.",
            )
