let parts;
window.quillux = (kit) => (parts ??= make(kit));
function make({React}) { const h=React.createElement;
 return {Card: ({card}) => h('div',{className:'ql-card'}, h('pre',null,JSON.stringify(card,null,1))), Canvas:()=>null}; }
