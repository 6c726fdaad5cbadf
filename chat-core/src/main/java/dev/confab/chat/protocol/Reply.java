package dev.confab.chat.protocol;

import java.util.Optional;

/**
 * The one answer to one request.
 *
 * @param op the request's op; absent if it had none
 * @param id the request's id, if it bore one
 * @param result what came of it
 */
public record Reply(Optional<String> op, Optional<RequestId> id, Result result) {}
