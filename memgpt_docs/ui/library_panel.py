"""The library panel: what is in the library and what is coming in."""

from __future__ import annotations

import streamlit as st

from ingest.progress import FileDone, FileStatus
from memgpt_docs.storage.schema import Document
from memgpt_docs.ui import dialogs, document_row, samples
from memgpt_docs.ui.desk import Desk
from memgpt_docs.ui.intake_job import FileProgress, IntakeJob, Stage
from memgpt_docs.ui.live import live
from memgpt_docs.ui.recognition_job import RecognitionJob
from memgpt_docs.ui.text import counted, literal, remaining, shortened

MAX_DOCUMENTS = 40
FILTER_FROM = 12
MAX_REASONS = 8


def show(desk: Desk) -> None:
    """Draws the panel into the sidebar."""
    with st.sidebar:
        st.markdown("#### Library")
        _uploader(desk)
        busy = desk.busy
        live(_contents, running=busy)(desk, busy, not desk.library.documents())


def load_samples(desk: Desk) -> None:
    """Starts to take in the sample documents that are not there."""
    have = {document.file for document in desk.library.documents()}
    desk.take_in([source for source in samples.sources() if source.shown not in have])


# -- coming in --------------------------------------------------------------------------------


def _uploader(desk: Desk) -> None:
    # A new key empties the uploader once its files are on their way.
    generation = st.session_state.setdefault("upload_generation", 0)
    files = st.file_uploader(
        "Add PDF, HTML, Office, mail or text",
        accept_multiple_files=True,
        key=f"upload-{generation}",
        max_upload_size=desk.settings.max_file_mb,
    )
    if files:
        desk.take_in([(file.name, file) for file in files])
        st.session_state["upload_generation"] = generation + 1
        st.rerun()


def _contents(desk: Desk, was_busy: bool, was_empty: bool) -> None:
    """Files coming in, then the documents. Redraws the whole page when that must change."""
    dialogs.show()
    documents = desk.library.documents()
    is_busy = desk.busy
    # What is running stands first: its end is waited for, and it can be cancelled.
    numbered = sorted(enumerate(desk.intakes), key=lambda one: not one[1].running)
    for number, job in numbered:
        job.refresh()
        _intake(desk, job, number)
    _recognition(desk.recognition)
    for failure in desk.failed_deletions():
        st.error(literal(failure))
    _documents(desk, documents)
    # Last: a click that came just now must not be lost with it.
    if (is_busy, not documents) != (was_busy, was_empty):
        st.rerun()


def _intake(desk: Desk, job: IntakeJob, number: int) -> None:
    ended = [progress for progress in job.files if progress.end]
    not_added = [p.end for p in ended if p.end and p.end.status is not FileStatus.ADDED]
    if job.running:
        with st.container(horizontal=True, vertical_alignment="center"):
            doing = "Stopping" if job.cancelled else "Adding"
            st.caption(f"{doing}: {len(ended)} of {job.n_files} done", width="stretch")
            st.button("Cancel", key=f"cancel-{number}", disabled=job.cancelled, on_click=job.cancel)
        # Those that were added stand in the list of documents already.
        _not_added(not_added)
        for progress in job.files:
            if not progress.end:
                st.progress(progress.share, text=_stage(progress))
        return
    with st.container(horizontal=True, vertical_alignment="center", wrap=False):
        st.caption(_summary(job), width="stretch")
        st.button(
            "Dismiss",  # heard, not seen: see style.css
            icon=":material/close:",
            key=f"dismiss-{number}",
            type="tertiary",
            help="Dismiss",
            on_click=desk.dismiss,
            args=(job,),
        )
    _not_added(not_added)
    if job.failure:
        st.error(literal(f"{job.failure.message} {job.failure.help}"))


def _stage(progress: FileProgress) -> str:
    name = literal(shortened(progress.file, 34))
    left = remaining(progress.seconds_left)
    match progress.stage:
        case Stage.READING:
            of = f" of {progress.pages_total:,}" if progress.pages_total else ""
            rate = f" · {progress.pages_per_s:,.0f}/s" if progress.pages_per_s else ""
            return f"{name}  \n{progress.pages_done:,}{of} pages read{rate}{left}"
        case Stage.EMBEDDING:
            done, total = progress.passages_done, progress.passages_total
            return f"{name}  \n{done:,} of {total:,} passages indexed{left}"
        case _:
            return f"{name}  \nopening"


def _recognition(job: RecognitionJob) -> None:
    """Pages that are pictures, while they are read."""
    job.refresh()
    if job.running and job.now:
        now = job.now
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("Stopping" if job.cancelled else "Reading pictures", width="stretch")
            st.button("Stop", key="recognition-stop", disabled=job.cancelled, on_click=job.cancel)
        rate = f" · {now.pages_per_s:.1f} pages/s{remaining(now.seconds_left)}"
        name = literal(shortened(now.file, 34))
        st.progress(
            now.pages_done / max(now.pages_total, 1),
            text=f"{name}  \n{now.pages_done} of {counted(now.pages_total, 'picture')}{rate}",
        )
    if not job.running:
        _not_added(job.refused)
        if job.failure:
            st.error(literal(f"{job.failure.message} {job.failure.help}"))


def _not_added(ends: list[FileDone]) -> None:
    """Files that did not come in, each with its reason."""
    told = [end for end in ends if end.status in (FileStatus.SKIPPED, FileStatus.REFUSED)]
    for end in told[:MAX_REASONS]:
        if end.status is FileStatus.SKIPPED:
            reason = literal(end.reason or "already in the library")
            st.caption(f":material/remove: {literal(shortened(end.file, 60))} skipped: {reason}")
        else:
            why = literal(f"{end.reason} {end.help}")
            st.caption(f":red[:material/close: Refused:] {why}")
    if len(told) > MAX_REASONS:
        st.caption(f"{len(told) - MAX_REASONS} more did not come in.")


def _summary(job: IntakeJob) -> str:
    ended = [progress.end.status for progress in job.files if progress.end]
    parts = [f"Added {counted(ended.count(FileStatus.ADDED), 'file')}"]
    if job.summary and job.summary.pages:
        parts.append(counted(job.summary.pages, "page"))
        if job.summary.pages_per_s >= 1:
            parts.append(f"{job.summary.pages_per_s:,.0f} pages/s")
    if job.cancelled:
        parts.append(f"{job.n_files - len(ended) + ended.count(FileStatus.CANCELLED)} cancelled")
    return " · ".join(parts)


# -- in the library ---------------------------------------------------------------------------


def _documents(desk: Desk, documents: list[Document]) -> None:
    have = {document.file for document in documents}
    missing = [source for source in samples.sources() if source.shown not in have]
    if documents and missing and not desk.adding:
        st.button(
            "Load the sample documents",
            key="load-samples-side",
            type="tertiary",
            on_click=load_samples,
            args=(desk,),
        )
    if not documents:
        if not desk.adding:
            st.caption("No documents yet.")
        return
    wanted = ""
    if len(documents) >= FILTER_FROM:
        wanted = st.text_input(
            "Find", key="find-document", placeholder="Find a document", label_visibility="collapsed"
        )
    shown = [document for document in documents if document_row.matches(document, wanted)]
    pages = sum(document.n_pages for document in documents)
    st.caption(f"{counted(len(documents), 'document')} · {counted(pages, 'page')}")
    deleting = desk.deleting()
    with st.container(key="documents"):
        for document in shown[:MAX_DOCUMENTS]:
            document_row.show(desk, document, document.doc_id in deleting)
    if not shown:
        st.caption("None matches.")
    if len(shown) > MAX_DOCUMENTS:
        st.caption(f"{len(shown) - MAX_DOCUMENTS:,} more: type above to find them.")
