package dev.confab.chat.internal.journal;

import dev.confab.chat.internal.outlet.Outlet;
import dev.confab.chat.model.Receipt;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A sender that writes down what it is told, by itself and in a list that it shares with others. */
final class Outcomes implements Journal.Redacted {
  private final String name;
  private final List<String> shared;
  private final List<String> own = new ArrayList<>();
  private Optional<Receipt> receipt = Optional.empty();
  private Optional<Refusal> refusal = Optional.empty();

  Outcomes(String name, List<String> shared) {
    this.name = name;
    this.shared = shared;
  }

  @Override
  public Optional<Outlet> recorded(Receipt told) {
    receipt = Optional.of(told);
    note((told.duplicate() ? "duplicate " : "recorded ") + told.seq());
    return Optional.empty();
  }

  @Override
  public void refused(Refusal told) {
    refusal = Optional.of(told);
    note(told.code().code());
  }

  @Override
  public void absent() {
    note("absent");
  }

  /** What it was told, in words; more than one is a fault of the journal. */
  List<String> told() {
    return own;
  }

  Receipt receipt() {
    return receipt.orElseThrow(() -> new AssertionError(name + " was told " + own));
  }

  Refusal refusal() {
    return refusal.orElseThrow(() -> new AssertionError(name + " was told " + own));
  }

  Optional<ErrorCode> code() {
    return refusal.map(Refusal::code);
  }

  private void note(String what) {
    own.add(what);
    shared.add(name + " " + what);
  }
}
