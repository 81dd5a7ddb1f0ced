package dev.squall.capacity;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squall.plan.JsonFile;
import dev.squall.report.Template;
import java.util.Map;

/**
 * A capacity as a page in one file.
 *
 * @param capacity what was found
 * @param brief one printed page for who decides, without the table of trials and its links; else all of it
 */
public record CapacityPage(Capacity capacity, boolean brief) {

    @Override
    public String toString() {
        ObjectNode data = capacity.json();
        data.put("brief", brief);
        return new Template(CapacityPage.class, "capacity.html").with(Map.of("data", JsonFile.text(data)));
    }
}
