package dev.confab.chat.store.jdbi;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import org.h2.api.ErrorCode;

/** Tells a pool that a connection broke: H2's driver says it by a code that pools do not know, and can not abort it. */
final class H2BrokenConnections implements SQLExceptionOverride {
  @java.lang.Override
  public SQLExceptionOverride.Override adjudicate(SQLException failure) {
    return failure.getErrorCode() == ErrorCode.CONNECTION_BROKEN_1
        ? SQLExceptionOverride.Override.MUST_EVICT
        : SQLExceptionOverride.Override.CONTINUE_EVICT;
  }
}
