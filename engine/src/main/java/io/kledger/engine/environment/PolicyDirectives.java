package io.kledger.engine.environment;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Environment;
import io.kledger.event.avro.Setting;
import io.kledger.kernel.Tables;
import io.kledger.kernel.security.LsmRule;
import java.util.ArrayList;
import java.util.List;

/** {@code @lsm} and {@code @unlsm}: security policy. */
final class PolicyDirectives {
  private PolicyDirectives() {}

  /** {@code @lsm HOOK [CONDITION=VALUE ...] deny=ERRNO|allow}. */
  static void lsm(CallContext context, Environment body) {
    Words words = new Words(body);
    List<String> conditions = new ArrayList<>();
    int errno = 0;
    for (Setting setting : body.getSettings()) {
      String value = Bytes.of(setting.getValue()).latin1();
      if (setting.getKey().equals("deny")) {
        int known = Errno.number(value);
        if (known < 0) {
          throw new DirectiveException("@lsm: " + value + " is no error name");
        }
        errno = known;
      } else {
        conditions.add(setting.getKey() + "=" + value);
      }
    }
    context.put(Tables.LSM_RULES, new LsmRule(context.newKey(), words.word(0), errno, conditions));
  }

  /** {@code @unlsm HOOK}: takes the hook's rules away. */
  static void unlsm(CallContext context, Environment body) {
    String hook = new Words(body).word(0);
    for (long key : context.state().lsmRules.keys()) {
      if (context.state().lsmRules.require(key).hook().equals(hook)) {
        context.remove(Tables.LSM_RULES, key);
      }
    }
  }
}
