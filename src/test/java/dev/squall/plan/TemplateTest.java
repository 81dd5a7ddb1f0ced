package dev.squall.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class TemplateTest {

    private static String render(String text) {
        return Template.parse(text, Template.OF_A_CLIENT).render(name -> "<" + name + ">");
    }

    @Test
    void eachReferenceIsReplacedAndAllElseStays() {
        assertThat(render("#{client}a#{population}#{connection}")).isEqualTo("<client>a<population><connection>");
        assertThat(render("{\"id\": #{client}, \"cost\": \"$5 #1 {client} #{\""))
                .isEqualTo("{\"id\": <client>, \"cost\": \"$5 #1 {client} #{\"");
    }

    @Test
    void aReferenceToNothingThatIsKnownNamesWhatIs() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> render("a #{clint}"))
                .withMessage("#{clint} (expected: one of #{population}, #{client}, #{connection})");
        assertThatIllegalArgumentException().isThrownBy(() -> render("#{}")).withMessageStartingWith("#{} (expected: ");
    }

    @Test
    void onlyATextWithoutReferencesIsConstant() {
        assertThat(Template.parse("{}", List.of()).isConstant()).isTrue();
        assertThat(Template.parse("#{client}", Template.OF_A_CLIENT).isConstant())
                .isFalse();
    }

    @Test
    void whatASecretHoldsRefersToNothing() {
        Template template = Template.parse("#{client} ${env:TOKEN}", Template.OF_A_CLIENT)
                .map(new Expansion(name -> "#{client}$1\\")::expand);

        assertThat(template.render(name -> "7")).isEqualTo("7 #{client}$1\\");
    }

    @Test
    void twoAreOneBehindTheOther() {
        Template sum = Template.parse("a#{client}b", Template.OF_A_CLIENT)
                .plus(Template.parse("c#{population}", Template.OF_A_CLIENT))
                .map(String::toUpperCase);

        assertThat(sum.render(name -> name)).isEqualTo("AclientBCpopulation");
    }
}
