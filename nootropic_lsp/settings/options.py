"""Every option, with a default that works offline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Features:
    """Which features the server offers; one switch each."""

    definition: bool = True
    declaration: bool = True
    type_definition: bool = True
    implementation: bool = True
    hover: bool = True
    references: bool = True
    document_symbol: bool = True
    workspace_symbol: bool = True
    document_highlight: bool = True
    rename: bool = True
    call_hierarchy: bool = True
    type_hierarchy: bool = True
    signature_help: bool = True
    completion: bool = True
    folding_range: bool = True
    selection_range: bool = True
    semantic_tokens: bool = True
    inlay_hint: bool = True
    code_lens: bool = True
    document_link: bool = True
    inline_completion: bool = True
    diagnostics: bool = True
    workspace_diagnostics: bool = True
    code_action: bool = True


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """What is indexed, and at what cost.

    `include` and `exclude` are patterns as in a `.gitignore`. With a non-empty
    `include` nothing else is indexed; neither brings an ignored file back (a line
    `!pattern` in a `.nootropicignore` does). `workers` 0 means: as many as suit the machine.
    """

    max_file_bytes: int = 2_000_000
    max_disk_bytes: int = 2_000_000_000
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    use_gitignore: bool = True
    workers: int = 0


@dataclass(frozen=True, slots=True)
class PythonSettings:
    """`environment` is "auto", or the absolute path of an interpreter or an environment."""

    environment: str = "auto"


@dataclass(frozen=True, slots=True)
class DiagnosticsSettings:
    """When findings are shown."""

    debounce_ms: int = 150


@dataclass(frozen=True, slots=True)
class InlayHintSettings:
    """Which inlay hints are shown."""

    parameter_names: bool = True
    types: bool = True


@dataclass(frozen=True, slots=True)
class CompletionSettings:
    """What the completion menu offers besides what can be used as it stands.

    With `call_snippets` a function is written with its brackets, the cursor between them.
    """

    auto_import: bool = True
    call_snippets: bool = False


@dataclass(frozen=True, slots=True)
class CodeLensSettings:
    """Which code lenses are shown."""

    references: bool = True


@dataclass(frozen=True, slots=True)
class GhostTextSettings:
    """When ghost text is shown, and how much of it.

    `threshold` is how sure of it one has to be before anything was learned from what was
    accepted. With `model`, a language model that is there may improve on it within its budget.
    `as_menu_item` is for editors that cannot show ghost text: there it is an entry of
    the completion menu.
    """

    threshold: float = 0.65
    model: bool = True
    model_budget_ms: int = 300
    max_lines: int = 10
    as_menu_item: bool = False
    disabled_languages: tuple[str, ...] = ()


# Servers of models on this machine, in the order in which they are asked.
LOCAL_BACKENDS = ("tabby", "ollama", "vllm", "llama.cpp")
# Those elsewhere, none of which is asked unless it was turned on by name.
CLOUD_BACKENDS = ("openai", "anthropic", "huggingface", "petals")
# The variables of the environment in which keys usually are.
KEY_VARIABLES = {
    "tabby": "TABBY_TOKEN",
    "vllm": "VLLM_API_KEY",
    "llama.cpp": "LLAMA_API_KEY",
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "huggingface": "HF_TOKEN",
    "weaviate": "WEAVIATE_API_KEY",
}

# What may be passed over: files that nobody edits, and what examples do on the reader's own machine.
PASSED_OVER = ("generated", "bundled", "test-input", "examples")
# Where code of others is usually kept.
VENDORED = ("vendor/", "vendored/", "_vendor/", "_vendored/", "third_party/", "third-party/")


@dataclass(frozen=True, slots=True)
class LintSettings:
    """Which findings are shown, in the editor and by `nootropic lint`.

    `select`, `ignore` and `severities` name rules by their codes or whole packs; `packs` are
    those in use, all if it is empty. `rules` are further files or folders of Semgrep and
    ast-grep rules, `exclude` patterns as in a `.gitignore`, `baseline` the file of findings
    that are known. A severity of "off" is as good as `ignore`. `pass_over` are kinds of files
    that nobody edits, and of code that only shows something.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severities: Mapping[str, str] = field(default_factory=dict)
    packs: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    exclude: tuple[str, ...] = VENDORED
    pass_over: tuple[str, ...] = PASSED_OVER
    semgrep: bool = True
    deadline_s: float = 300.0
    honour_nosemgrep: bool = False
    honour_noqa: bool = False
    baseline: str = ""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which language models may be asked, where they are, and what a call may take.

    `run` is where: "auto" is here, and in the cloud when `allow_cloud_fallback`; "local-only";
    "cloud-only". `servers` are addresses by the name of a backend, beside the usual ones ("" is
    for one that is not to be looked for). `gguf` are model files for the embedded engine.
    `clouds` are those turned on by name, `cloud_urls` where they are if not where they usually are.
    `keys`, by the name of a backend, come from the environment only.
    """

    preference: tuple[str, ...] = ()
    use_gpu: bool = True
    max_size_gb: float = 0.0
    allow_cloud_fallback: bool = False
    run: str = "auto"
    servers: Mapping[str, str] = field(default_factory=dict)
    gguf: tuple[str, ...] = ()
    clouds: tuple[str, ...] = ()
    cloud_urls: Mapping[str, str] = field(default_factory=dict)
    deadline_s: float = 120.0
    first_token_s: float = 30.0
    context_tokens: int = 8192
    max_output_tokens: int = 1024
    temperature: float = 0.2
    cache_answers: int = 1000
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class SafetySettings:
    """What the gate lets through: `allow_hosts` are the hosts, besides this machine, that may be
    spoken to."""

    allow_hosts: tuple[str, ...] = ()
    redact_secrets: bool = True
    max_prompt_chars: int = 200_000
    requests_per_minute: int = 120


@dataclass(frozen=True, slots=True)
class VectorSettings:
    """Where vectors are kept, and by what they are made.

    `store` "auto" is Chroma where it is installed, else a table of our own. `model` "own" is the
    embedding that comes with nootropic; "ollama:nomic-embed-text" and the like one of a backend.
    """

    store: str = "auto"
    url: str = ""
    model: str = "own"
    adapt: bool = True
    max_bytes: int = 2_000_000_000


@dataclass(frozen=True, slots=True)
class ContextSettings:
    """How the workspace is cut, and how what a model is given is chosen.

    `chunks` is "syntax", "fixed" (pieces of `chunk_tokens`, of which two share `chunk_overlap`) or
    "hybrid" (along the syntax, and what is longer than a piece in pieces).
    """

    chunks: str = "syntax"
    chunk_tokens: int = 512
    chunk_overlap: int = 128
    strategy: str = "priority"


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """The process that keeps vectors and talks to models, one for a workspace."""

    enabled: bool = True
    idle_minutes: int = 15


@dataclass(frozen=True, slots=True)
class TelemetrySettings:
    """What is noted of calls, here, and to whom else it is told: to nobody unless an address is given."""

    traces: bool = True
    keep_days: int = 30
    otlp_url: str = ""
    prometheus: bool = False
    usd_per_hour: float = 0.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Every option, with defaults that work offline."""

    preset: Literal["full", "alongside"] = "full"
    features: Features = field(default_factory=Features)
    index: IndexSettings = field(default_factory=IndexSettings)
    python: PythonSettings = field(default_factory=PythonSettings)
    diagnostics: DiagnosticsSettings = field(default_factory=DiagnosticsSettings)
    inlay_hint: InlayHintSettings = field(default_factory=InlayHintSettings)
    completion: CompletionSettings = field(default_factory=CompletionSettings)
    code_lens: CodeLensSettings = field(default_factory=CodeLensSettings)
    ghost_text: GhostTextSettings = field(default_factory=GhostTextSettings)
    lint: LintSettings = field(default_factory=LintSettings)
    models: ModelSettings = field(default_factory=ModelSettings)
    safety: SafetySettings = field(default_factory=SafetySettings)
    vectors: VectorSettings = field(default_factory=VectorSettings)
    context: ContextSettings = field(default_factory=ContextSettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    telemetry: TelemetrySettings = field(default_factory=TelemetrySettings)
    trusted: bool = False
