package dev.confab.chat.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Bars beside each other, as SVG that is readable on light and dark pages. Used by one thread. */
final class Chart {
  private static final int WIDTH = 860;
  private static final int LABELS = 190;
  private static final int FIGURES = 90;
  private static final int BAR = 15;
  private static final int BETWEEN_GROUPS = 10;
  private static final int HEAD = 34;
  private static final int LEGEND_ROW = 20;

  /** Told apart without red and green. */
  private static final List<String> COLOURS = List.of("#0072b2", "#e69f00", "#8c8c8c", "#cc79a7");

  private final String title;
  private final List<String> series;
  private final List<Group> groups = new ArrayList<>();

  /**
   * Without bars yet.
   *
   * @param series what the bars of each group stand for, in their order
   */
  Chart(String title, List<String> series) {
    this.title = title;
    this.series = List.copyOf(series);
  }

  private record Group(String label, List<Double> values) {}

  /** Adds a group of bars; what was not measured is NaN. */
  void group(String label, double... values) {
    if (values.length != series.size()) {
      throw new IllegalArgumentException(
          "expected " + series.size() + " values, got " + values.length);
    }
    groups.add(new Group(label, Arrays.stream(values).boxed().toList()));
  }

  String svg() {
    double most = 0;
    for (Group group : groups) {
      for (double value : group.values) {
        most = value > most ? value : most;
      }
    }
    int begin = HEAD + LEGEND_ROW * series.size() + BETWEEN_GROUPS;
    int groupHeight = BAR * series.size() + BETWEEN_GROUPS;
    int height = begin + groupHeight * groups.size();
    StringBuilder out = new StringBuilder();
    out.append(String.format(
        Locale.ROOT,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
            + " font-family=\"sans-serif\" font-size=\"12\" role=\"img\">%n<title>%s</title>%n",
        WIDTH,
        height,
        WIDTH,
        height,
        escaped(title)));
    out.append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    text(out, 10, 22, "start", "font-weight=\"bold\" font-size=\"14\"", title);
    for (int index = 0; index < series.size(); index++) {
      int y = HEAD + LEGEND_ROW * index;
      rectangle(out, 10, y, 12, index);
      text(out, 28, y + 11, "start", "", series.get(index));
    }
    for (int number = 0; number < groups.size(); number++) {
      Group group = groups.get(number);
      int y = begin + groupHeight * number;
      text(out, LABELS - 8, y + BAR * series.size() / 2 + 4, "end", "", group.label);
      for (int index = 0; index < group.values.size(); index++) {
        double value = group.values.get(index);
        int top = y + BAR * index;
        if (Double.isNaN(value)) {
          text(out, LABELS + 5, top + 11, "start", "", "–");
        } else {
          double length = most == 0 ? 0 : value / most * (WIDTH - LABELS - FIGURES);
          rectangle(out, LABELS, top, length, index);
          text(
              out,
              LABELS + (int) Math.round(length) + 5,
              top + 11,
              "start",
              "",
              Numbers.count(value));
        }
      }
    }
    return out.append("</svg>\n").toString();
  }

  private static void rectangle(StringBuilder out, int x, int y, double width, int colour) {
    out.append(String.format(
        Locale.ROOT,
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
        x,
        y,
        width,
        BAR - 3,
        COLOURS.get(colour % COLOURS.size())));
  }

  private static void text(
      StringBuilder out, int x, int y, String anchor, String style, String text) {
    out.append(String.format(
        Locale.ROOT,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" fill=\"#222222\" %s>%s</text>%n",
        x,
        y,
        anchor,
        style,
        escaped(text)));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
