"""Errors as answers: the status that the field means, and a sentence, in the form of OpenAI's API."""

from __future__ import annotations

import logging
import math

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from nootropic_lsp.core.errors import Failure, ModelError, NootropicError

log = logging.getLogger(__name__)

Json = dict[str, object]

_STATUS = {
    Failure.MODEL_LOAD_FAILED: 503,
    Failure.INFERENCE_ERROR: 502,
    Failure.CONTEXT_OVERFLOW: 400,
    Failure.SAFETY_VIOLATION: 403,
    Failure.RATE_LIMIT: 429,
}
_TYPES = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error"}


def body_of(error: BaseException) -> Json:
    """What is said of an error, as an answer or as the last event of a stream."""
    if not isinstance(error, NootropicError):
        log.error("a request failed", exc_info=error)
        return _body("that is a bug in nootropic; its log says more", 500, "internal")
    if not isinstance(error, ModelError):
        return _body(str(error), 400, None)
    said = _body(str(error), _STATUS[error.failure], error.failure.value)
    if error.retry_after_s is not None:
        said["error"] = {**dict(said["error"]), "retry_after_s": error.retry_after_s}  # type: ignore[call-overload]
    return said


def refusal(status: int, sentence: str, code: str | None = None) -> JSONResponse:
    """An answer that says no."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(_body(sentence, status, code), status, headers)


def install(api: FastAPI) -> None:
    """Have every error of an API answered in one form."""

    @api.exception_handler(NootropicError)
    async def failed(_request: Request, error: NootropicError) -> JSONResponse:
        status = _STATUS[error.failure] if isinstance(error, ModelError) else 400
        wait_s = error.retry_after_s if isinstance(error, ModelError) else None
        headers = None if wait_s is None else {"Retry-After": str(max(1, math.ceil(wait_s)))}
        return JSONResponse(body_of(error), status, headers)

    @api.exception_handler(RequestValidationError)
    async def refused(_request: Request, error: RequestValidationError) -> JSONResponse:
        return refusal(400, "; ".join(map(_shown, error.errors()[:3])))

    @api.exception_handler(HTTPException)
    async def unknown(request: Request, error: HTTPException) -> JSONResponse:
        sentence = str(error.detail)
        if error.status_code == 404:
            sentence = f"there is nothing at {request.url.path}; /openapi.json lists what there is"
        return refusal(error.status_code, sentence)


def _body(sentence: str, status: int, code: str | None) -> Json:
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"error": {"message": sentence, "type": kind, "param": None, "code": code}}


def _shown(error: dict[str, object]) -> str:
    where = error.get("loc")
    parts = [str(each) for each in where if each != "body"] if isinstance(where, tuple) else []
    return f"`{'.'.join(parts) or 'the body'}`: {error.get('msg')}"
