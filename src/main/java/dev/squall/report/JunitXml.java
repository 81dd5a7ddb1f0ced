package dev.squall.report;

import dev.squall.verdict.Finding;
import dev.squall.verdict.Verdict;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * junit.xml, as CI servers read it: a case for each expectation; one that failed has the observed value, one that is
 * inconclusive is an error.
 *
 * @param suite the experiment's name
 * @param startedAt ISO 8601
 * @param seconds how long the load lasted
 * @param properties of the run
 * @param summary for people
 */
record JunitXml(
        String suite,
        String startedAt,
        double seconds,
        List<Finding> findings,
        Map<String, String> properties,
        String summary) {

    @Override
    public String toString() {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeCharacters("\n");
            xml.writeStartElement("testsuites");
            counts(xml, "squall");
            xml.writeStartElement("testsuite");
            counts(xml, suite);
            xml.writeAttribute("timestamp", startedAt);
            properties(xml);
            for (Finding finding : findings) {
                testCase(xml, finding);
            }
            xml.writeStartElement("system-out");
            xml.writeCharacters(clean(summary));
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException(e); // Of a writer into memory.
        }
        return text + "\n";
    }

    private void counts(XMLStreamWriter xml, String name) throws XMLStreamException {
        xml.writeAttribute("name", clean(name));
        xml.writeAttribute("tests", String.valueOf(findings.size()));
        xml.writeAttribute("failures", String.valueOf(count(Verdict.FAIL)));
        xml.writeAttribute("errors", String.valueOf(count(Verdict.INCONCLUSIVE)));
        xml.writeAttribute("skipped", "0");
        xml.writeAttribute("time", String.format(Locale.ROOT, "%.3f", seconds));
    }

    private long count(Verdict verdict) {
        return findings.stream().filter(f -> f.verdict() == verdict).count();
    }

    private void properties(XMLStreamWriter xml) throws XMLStreamException {
        xml.writeStartElement("properties");
        for (Map.Entry<String, String> property : properties.entrySet()) {
            xml.writeEmptyElement("property");
            xml.writeAttribute("name", clean(property.getKey()));
            xml.writeAttribute("value", clean(property.getValue()));
        }
        xml.writeEndElement();
    }

    private void testCase(XMLStreamWriter xml, Finding finding) throws XMLStreamException {
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", clean("squall." + suite));
        xml.writeAttribute("name", clean(name(finding)));
        xml.writeAttribute("time", "0");
        if (finding.verdict() != Verdict.PASS) {
            xml.writeStartElement(finding.verdict() == Verdict.FAIL ? "failure" : "error");
            String observed = "observed " + finding.observedText();
            xml.writeAttribute(
                    "message", clean(finding.note().isEmpty() ? observed : observed + ": " + finding.note()));
            xml.writeAttribute("type", finding.verdict().word());
            xml.writeCharacters(clean("expected " + finding.expectation().text() + "\n" + observed + "\n"
                    + (finding.note().isEmpty() ? "" : finding.note() + "\n")));
            xml.writeEndElement();
        }
        xml.writeEndElement();
    }

    /** What was asked for by itself, too, is another case. */
    private static String name(Finding finding) {
        return finding.expectation().text() + (finding.implied() ? " (always expected)" : "");
    }

    /** Without the characters that XML 1.0 cannot have (section 2.2). */
    private static String clean(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> c == '\t'
                                || c == '\n'
                                || c == '\r'
                                || (c >= 0x20 && c <= 0xD7FF)
                                || (c >= 0xE000 && c <= 0xFFFD)
                                || c >= 0x10000
                        ? c
                        : 0xFFFD)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }
}
