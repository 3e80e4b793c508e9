#include "page/badge_svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "page/html_writer.h"

namespace pharos::page {
namespace {

constexpr size_t kMaxTextBytes = 200;
constexpr double kFontPixels = 11;
constexpr double kUnitsPerEm = 2048;
constexpr char kFirstGlyph = ' ';

// Advance widths of Verdana, U+0020 to U+007E, in 2048ths of the font size.
constexpr std::array<int, 95> kVerdana = {
    720,  806,  940,  1676, 1302, 2204, 1488, 550,  930,  930,  1302, 1676, 745,  930,  745,  930,
    1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 1302, 930,  930,  1676, 1676, 1676, 1117,
    2048, 1400, 1404, 1430, 1578, 1295, 1177, 1588, 1539, 862,  931,  1419, 1140, 1726, 1532, 1612,
    1235, 1612, 1424, 1400, 1262, 1499, 1400, 2025, 1403, 1260, 1403, 930,  930,  930,  1676, 1302,
    1302, 1230, 1276, 1067, 1276, 1220, 720,  1276, 1296, 562,  705,  1212, 562,  1992, 1296, 1243,
    1276, 1276, 874,  1067, 807,  1296, 1212, 1676, 1212, 1212, 1076, 1300, 930,  1300, 1676};
constexpr int kOtherLetter = 1300;
constexpr int kWideLetter = 2048;  // CJK and emoji

// What XML forbids even as a reference is dropped.
std::string CleanText(std::string_view text) {
  std::string clean;
  for (const char c : SanitizeUtf8(text)) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) clean += c;
  }
  for (const std::string_view forbidden : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    for (size_t at = clean.find(forbidden); at != std::string::npos; at = clean.find(forbidden)) {
      clean.erase(at, forbidden.size());
    }
  }
  return Ellipsize(Trim(clean), kMaxTextBytes);
}

std::string Upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// Pixels with at most one digit after the point.
std::string Px(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  std::string result = text;
  if (result.ends_with(".0")) result.resize(result.size() - 2);
  return result;
}

struct Shape {
  int height = 20;
  double padding = 5;
  int radius = 3;
  double baseline = 14;
  double font = kFontPixels;
  double letter_spacing = 0;
  bool shine = true;
  bool shadow = true;
};

Shape ShapeOf(BadgeStyle style) {
  switch (style) {
    case BadgeStyle::kFlat:
      return {};
    case BadgeStyle::kFlatSquare:
      return {20, 5, 0, 14, kFontPixels, 0, false, false};
    case BadgeStyle::kPlastic:
      return {18, 5, 4, 13, kFontPixels, 0, true, true};
    case BadgeStyle::kForTheBadge:
      return {28, 12, 0, 17.5, 10, 1.2, false, false};
    case BadgeStyle::kSocial:
      return {20, 6, 2, 14, kFontPixels, 0, false, false};
  }
  return {};
}

double TextWidth(std::string_view text, const Shape& shape) {
  const auto letters = static_cast<double>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  return VerdanaWidth(text) * shape.font / kFontPixels + letters * shape.letter_spacing;
}

void Open(HtmlWriter& svg, double width, int height, std::string_view title) {
  svg.Raw("<svg xmlns=\"http://www.w3.org/2000/svg\"").Attr("width", Px(width));
  svg.Attr("height", height).Raw(" role=\"img\"").Attr("aria-label", title).Raw("><title>");
  svg.Text(title).Raw("</title>");
}

struct Cell {
  std::string_view text;
  double left = 0;
  double width = 0;       // of the cell
  double text_width = 0;  // of the text in it
};

void WriteCellText(HtmlWriter& svg, const Cell& cell, const Shape& shape, bool bold) {
  if (cell.text.empty()) return;
  const std::string x = Px(cell.left + cell.width / 2);
  if (shape.shadow) {
    svg.Raw("<text fill=\"#010101\" fill-opacity=\".3\" aria-hidden=\"true\"").Attr("x", x);
    svg.Attr("y", Px(shape.baseline + 1)).Attr("textLength", Px(cell.text_width)).Raw(">");
    svg.Text(cell.text).Raw("</text>");
  }
  svg.Raw("<text").Attr("x", x).Attr("y", Px(shape.baseline));
  svg.Attr("textLength", Px(cell.text_width));
  if (bold) svg.Raw(" font-weight=\"bold\"");
  svg.Raw(">").Text(cell.text).Raw("</text>");
}

std::string RenderTwoCells(const Badge& badge, const std::string& title, const Shape& shape,
                           const std::string& label, const std::string& message) {
  const auto cell = [&](const std::string& text, double left) {
    const double width = TextWidth(text, shape);
    return Cell{text, left, text.empty() ? 0 : width + 2 * shape.padding, width};
  };
  const Cell left = cell(label, 0);
  const Cell right = cell(message, left.width);
  const double width = left.width + right.width;
  HtmlWriter svg(2048);
  Open(svg, width, shape.height, title);
  if (shape.shine) {
    svg.Raw("<linearGradient id=\"s\" x2=\"0\" y2=\"100%\"><stop offset=\"0\" ");
    svg.Raw("stop-color=\"#fff\" stop-opacity=\".15\"/><stop offset=\"1\" stop-opacity=\".1\"/>");
    svg.Raw("</linearGradient>");
  }
  svg.Raw("<clipPath id=\"r\"><rect").Attr("width", Px(width)).Attr("height", shape.height);
  svg.Attr("rx", shape.radius).Raw("/></clipPath><g clip-path=\"url(#r)\"><rect");
  svg.Attr("width", Px(left.width)).Attr("height", shape.height);
  svg.Attr("fill", badge.label_color).Raw("/><rect").Attr("x", Px(left.width));
  svg.Attr("width", Px(right.width)).Attr("height", shape.height).Attr("fill", badge.color);
  svg.Raw("/>");
  if (shape.shine) {
    svg.Raw("<rect").Attr("width", Px(width)).Attr("height", shape.height);
    svg.Raw(" fill=\"url(#s)\"/>");
  }
  svg.Raw("</g><g fill=\"#fff\" text-anchor=\"middle\" ");
  svg.Raw("font-family=\"Verdana,Geneva,DejaVu Sans,sans-serif\"");
  svg.Attr("font-size", Px(shape.font)).Raw(">");
  WriteCellText(svg, left, shape, false);
  WriteCellText(svg, right, shape, badge.style == BadgeStyle::kForTheBadge);
  svg.Raw("</g></svg>");
  return svg.Take();
}

// A light label and a bubble that points to it.
std::string RenderSocial(const Badge& badge, const std::string& title, const Shape& shape,
                         const std::string& label, const std::string& message) {
  constexpr double kTail = 6;
  const double label_width = TextWidth(label, shape);
  const double message_width = TextWidth(message, shape);
  const double left = label.empty() ? 0 : label_width + 2 * shape.padding;
  const double bubble = left + (label.empty() ? 0 : kTail);
  const double width = bubble + message_width + 2 * shape.padding;
  HtmlWriter svg(2048);
  Open(svg, width, shape.height, title);
  if (!label.empty()) {
    svg.Raw("<rect x=\".5\" y=\".5\" height=\"19\" rx=\"2\" stroke=\"#d5d5d5\"");
    svg.Attr("width", Px(left - 1)).Raw(" fill=\"#fcfcfc\"/>");
    svg.Raw("<path").Attr("d", "M" + Px(bubble + 1) + " 6.5l-4 3.5 4 3.5z");
    svg.Attr("fill", badge.color).Raw("/>");
  }
  svg.Raw("<rect y=\".5\" height=\"19\" rx=\"2\" fill=\"#fafafa\"").Attr("x", Px(bubble + 0.5));
  svg.Attr("width", Px(width - bubble - 1)).Attr("stroke", badge.color);
  svg.Raw("/><g text-anchor=\"middle\" font-weight=\"bold\" fill=\"#333\" ");
  svg.Raw("font-family=\"Helvetica Neue,Helvetica,Arial,sans-serif\"");
  svg.Attr("font-size", Px(shape.font)).Raw(">");
  WriteCellText(svg, {label, 0, left, label_width}, shape, false);
  WriteCellText(svg, {message, bubble, width - bubble, message_width}, shape, false);
  svg.Raw("</g></svg>");
  return svg.Take();
}

}  // namespace

BadgeStyle ParseBadgeStyle(std::string_view word) {
  if (word == "flat-square") return BadgeStyle::kFlatSquare;
  if (word == "plastic") return BadgeStyle::kPlastic;
  if (word == "for-the-badge") return BadgeStyle::kForTheBadge;
  if (word == "social") return BadgeStyle::kSocial;
  return BadgeStyle::kFlat;
}

double VerdanaWidth(std::string_view text) {
  int64_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte <= 0x7e) {
      units += kVerdana[static_cast<size_t>(byte - kFirstGlyph)];
    } else if (byte >= 0xE2) {  // first byte of U+2000 and above
      units += kWideLetter;
    } else if (byte >= 0xC0) {
      units += kOtherLetter;
    }
  }
  return std::round(static_cast<double>(units) * kFontPixels / kUnitsPerEm * 10) / 10;
}

std::optional<std::string> ParseColor(std::string_view text) {
  text = Trim(text);
  const std::string_view digits = text.starts_with('#') ? text.substr(1) : text;
  const size_t n = digits.size();
  const bool hex = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos &&
                   (n == 3 || n == 4 || n == 6 || n == 8);
  if (hex) return "#" + std::string(digits);
  const std::string word = AsciiLower(text);
  if (word.size() < 3 || word.size() > 24) return std::nullopt;
  if (word.find_first_not_of("abcdefghijklmnopqrstuvwxyz") != std::string::npos) {
    return std::nullopt;
  }
  return word;
}

std::string RenderBadge(const Badge& badge) {
  const Shape shape = ShapeOf(badge.style);
  std::string label = CleanText(badge.label);
  std::string message = CleanText(badge.message);
  const std::string title = label.empty() ? message : label + ": " + message;
  if (badge.style == BadgeStyle::kSocial) {
    return RenderSocial(badge, title, shape, label, message);
  }
  if (badge.style == BadgeStyle::kForTheBadge) {
    label = Upper(std::move(label));
    message = Upper(std::move(message));
  }
  return RenderTwoCells(badge, title, shape, label, message);
}

std::string RenderDot(std::string_view color, bool ping, std::string_view title) {
  HtmlWriter svg(1024);
  Open(svg, 32, 32, CleanText(title));
  if (ping) {
    svg.Raw("<circle cx=\"16\" cy=\"16\" r=\"8\"").Attr("fill", color).Raw(">");
    svg.Raw("<animate attributeName=\"r\" from=\"8\" to=\"16\" dur=\"1s\" ");
    svg.Raw("repeatCount=\"indefinite\"/><animate attributeName=\"opacity\" from=\"1\" to=\"0\" ");
    svg.Raw("dur=\"1s\" repeatCount=\"indefinite\"/></circle>");
  }
  svg.Raw("<circle cx=\"16\" cy=\"16\" r=\"8\"").Attr("fill", color).Raw("/></svg>");
  return svg.Take();
}

}  // namespace pharos::page
