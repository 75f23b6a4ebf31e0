use super::*;

/// A folder's text with the forms that occur, reduced.
const TEXT: &str = r#"
export interface ThingConfig extends cdktf.TerraformMetaArguments {
  readonly name: string;
}
export function thingRuleToHclTerraform(struct?: ThingRule): any {
  const attrs = {
    port: {
      value: cdktf.numberToHclTerraform(struct!.port),
      isBlock: false,
      type: "simple",
      storageClassType: "number",
    },
  };
}
export class ThingRuleOutputReference extends cdktf.ComplexObject {
  // port - computed: false, optional: false, required: true
  private _port?: number;
  public get port() {
    return this.getNumberAttribute('port');
  }
}
export class ThingRuleList extends cdktf.ComplexList {
}
export class ThingSeenOutputReference extends cdktf.ComplexObject {
  // names - computed: true, optional: false, required: false
  public get names() {
    return cdktf.Fn.tolist(this.getListAttribute('names'));
  }
}
export class Thing extends cdktf.TerraformResource {
  // arn - computed: true, optional: false, required: false
  public get arn() {
    return this.getStringAttribute('arn');
  }
  // name - computed: false, optional: false, required: true
  private _name?: string;
  public get name() {
    return this.getStringAttribute('name');
  }
  // rule - computed: false, optional: false, required: true
  private _rule = new ThingRuleOutputReference(this, "rule");
  // inline - computed: true, optional: true, required: false
  private _inline = new ThingRuleList(this, "inline", true);
  // seen - computed: true, optional: false, required: false
  private _seen = new ThingSeenList(this, "seen", false);
  protected synthesizeHclAttributes(): { [name: string]: any } {
    const attrs = {
      name: {
        value: cdktf.stringToHclTerraform(this._name),
        isBlock: false,
        type: "simple",
        storageClassType: "string",
      },
      rule: {
        value: thingRuleToHclTerraform(this._rule.internalValue),
        isBlock: true,
        type: "list",
        storageClassType: "ThingRuleList",
      },
      inline: {
        value: cdktf.listMapperHcl(thingRuleToHclTerraform, false)(this._inline.internalValue),
        isBlock: true,
        type: "set",
        storageClassType: "ThingRuleList",
      },
    };
  }
}
"#;

#[test]
fn attributes_blocks_and_what_is_both_are_told_apart() {
    let map = json!({"sourcesContent": [TEXT]}).to_string();
    let script = format!(
        "\"use strict\";\n//# sourceMappingURL=data:application/json;base64,{}\n",
        BASE64_STANDARD.encode(map)
    );
    let made = serde_json::to_value(block(&script).unwrap()).unwrap();
    let rule = json!({"port": ["required", "number"]});
    assert_eq!(
        made,
        json!({
            "attributes": {
                "arn": ["computed", "string"],
                "name": ["required", "string"],
                // Written as a block or as an attribute: Terraform takes both for such a type.
                "inline": ["optional+computed", ["set", ["object", {"port": "number"}]]],
                "seen": ["computed", ["list", ["object", {"names": ["set", "string"]}]]],
            },
            "blocks": {
                "rule": {"nesting": "list", "min": 1, "max": 1, "attributes": rule},
            },
        })
    );
}
